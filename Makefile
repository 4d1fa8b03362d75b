# `make sweep` runs the main job on the archive that ships; `make test` runs every test. Both make what they need.
PY := .venv/bin

# Exit 3 says that the archive holds what no reader opens, such as its encrypted entry: the table lists it.
sweep: release
	$(PY)/piiscan sweep corpora/demo --store target/sweep.db || test $$? -eq 3

check: lint test

test: build
	cargo test
	$(PY)/pytest --numprocesses=auto --dist=worksteal -p no:benchmark

lint: build
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	$(PY)/ruff check .
	$(PY)/ruff format --check .
	$(PY)/mypy
	$(PY)/python -m mypy.stubtest piiscan._core

bench: release
	$(PY)/pytest benches --benchmark-json=target/bench.json

# How right the detectors are; TEXT="a.txt b.md" counts what they report in running text.
eval: release
	$(PY)/python benches/eval.py
	$(PY)/python benches/eval_lexicon.py
	$(if $(TEXT),$(PY)/python benches/eval.py --text $(TEXT))

fmt: .venv/ready
	cargo fmt --all
	$(PY)/ruff check --fix-only .
	$(PY)/ruff format .

data: .venv/ready
	set -e; for f in rust/piiscan/data/update/*.py; do $(PY)/python $$f; done

corpora: .venv/ready
	$(PY)/python corpora/make.py --seed 1
	$(PY)/python corpora/make.py --policy all -o corpora/out/policies

# Rewrites the expected output of every case; review the difference.
cases: build
	UPDATE_CASES=1 $(PY)/pytest
	UPDATE_CASES=1 cargo test

build: .venv/ready
	$(PY)/maturin develop --quiet

release: .venv/ready
	$(PY)/maturin develop --release --quiet

# Older pips know no --group, hence the upgrade.
.venv/ready: pyproject.toml
	python3 -m venv .venv
	$(PY)/pip install -q --upgrade pip
	$(PY)/pip install -q --group dev
	touch $@

.PHONY: sweep check test lint bench eval fmt data corpora cases build release
