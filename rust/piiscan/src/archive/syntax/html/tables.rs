//! Labels: what stands before a value in a table or a form, as its reader sees it.
//!
//! A cell is labeled by the header of its column, else by the header or first cell of its row; a `dd` by its `dt`; a control by the
//! `label` before it.

/// Tables within tables that are followed; deeper ones have no labels.
const DEPTH_MAX: usize = 16;

/// Columns with a header that are remembered.
const COLUMNS_MAX: usize = 256;

/// The longest label in bytes: a heading, not a paragraph.
pub(super) const LABEL_MAX: usize = 80;

#[derive(Debug, Default)]
struct Table {
    headers: Vec<String>,
    /// What labels the cells of this row.
    row: String,
    column: usize,
    /// Whether the row has only headers so far.
    is_header_row: bool,
}

/// The labels at this place of a document.
#[derive(Debug, Default)]
pub(super) struct Labels {
    tables: Vec<Table>,
    skipped: usize,
    term: String,
    control: String,
}

impl Labels {
    pub(super) fn open_table(&mut self) {
        if self.tables.len() < DEPTH_MAX {
            self.tables.push(Table::default());
        } else {
            self.skipped += 1;
        }
    }

    pub(super) fn close_table(&mut self) {
        if self.skipped > 0 {
            self.skipped -= 1;
        } else {
            self.tables.pop();
        }
    }

    pub(super) fn open_row(&mut self) {
        if let Some(table) = self.table() {
            table.row.clear();
            table.column = 0;
            table.is_header_row = true;
        }
    }

    pub(super) fn close_cell(&mut self) {
        if let Some(table) = self.table() {
            table.column += 1;
        }
    }

    /// A cell that is no header begins.
    pub(super) fn open_cell(&mut self) {
        if let Some(table) = self.table() {
            table.is_header_row = false;
        }
    }

    /// The text of a header cell.
    pub(super) fn header(&mut self, text: String) {
        let Some(table) = self.table() else { return };
        let column = table.column;
        if table.is_header_row && column < COLUMNS_MAX {
            if column == 0 {
                table.headers.clear();
            }
            table.headers.resize(column, String::new());
            table.headers.push(text.clone());
        }
        table.row = text;
    }

    /// The text of the first cell of a row.
    pub(super) fn first_cell(&mut self, text: String) {
        if let Some(table) = self.table().filter(|table| table.column == 0) {
            table.row = text;
        }
    }

    pub(super) fn of_cell(&self) -> &str {
        let Some(table) = self.tables.last().filter(|_| self.skipped == 0) else { return "" };
        match table.headers.get(table.column) {
            Some(header) if !header.is_empty() => header,
            _ if table.column > 0 => &table.row,
            _ => "",
        }
    }

    pub(super) fn term(&mut self, text: String) {
        self.term = text;
    }

    pub(super) fn of_detail(&self) -> &str {
        &self.term
    }

    pub(super) fn control(&mut self, text: String) {
        self.control = text;
    }

    pub(super) fn of_control(&self) -> &str {
        &self.control
    }

    /// A control has taken its label.
    pub(super) fn close_control(&mut self) {
        self.control.clear();
    }

    fn table(&mut self) -> Option<&mut Table> {
        if self.skipped > 0 { None } else { self.tables.last_mut() }
    }
}
