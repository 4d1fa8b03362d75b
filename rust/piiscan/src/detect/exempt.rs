//! Shapes that are no personal data: dates, times, amounts, law references. They claim their digits and are not reported.
