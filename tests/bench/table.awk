# SPDX-License-Identifier: GPL-2.0-or-later
# One table from the counts of one kernel, KERNEL.COLUMN each; fails over the budget, or where the controls differ.

BEGIN {
	# What a column may add to the floor. The first run of a file counts only where nothing is hashed.
	# Programs whose names or place make path rules look closer are shown, and have no budget.
	budget["exec"] = 1500
	budget["mmapx"] = 400
	budget["first"] = budget["first.large"] = 3000
	hashes["unsized"] = hashes["all"] = hashes["opens-unsized"] = 1
	failed = 0
}

FNR == 1 {
	column = FILENAME
	sub(/.*\./, "", column)
	columns[++column_count] = column
}

$1 == "kernel" {
	kernel = $2
	next
}

# "column" are the counts with the column's control, "base" those with what it is compared with.
{
	if (!($2 in seen)) {
		seen[$2] = 1
		rows[++row_count] = $2
	}
	cost[$1, $2, column] = $4
}

function added(row, column)
{
	return cost["column", row, column] - cost["base", row, column]
}

function cell(row, column)
{
	if (!(("column", row, column) in cost))
		return "-"
	if (!(("base", row, column) in cost))
		return cost["column", row, column]
	return sprintf("%+d", added(row, column))
}

function is_control(row)
{
	return row == "loop" || row == "getppid"
}

function complain(what)
{
	printf "%s\n", what
	failed = 1
}

function check_control(row, column, first)
{
	first = cost["base", row, columns[1]]
	if (cost["base", row, column] != first || cost["column", row, column] != first)
		complain(sprintf("VOID: the control %s differs in %s", row, column))
}

function check(row, column, over)
{
	if (is_control(row))
		check_control(row, column)
	if (!(row in budget) || column == "floor" || row ~ /^first/ && column in hashes)
		return
	over = added(row, column) - budget[row]
	if (over > 0)
		complain(sprintf("OVER: %s in %s: %d above the budget of %d", row, column, over, budget[row]))
}

END {
	printf "\n%-14s", kernel
	if (columns[1] == "floor")
		printf "%13s", "none"
	for (c = 1; c <= column_count; c++)
		printf "%13s", columns[c]
	printf "%9s\n", "budget"
	for (r = 1; r <= row_count; r++) {
		printf "%-14s", rows[r]
		if (columns[1] == "floor")
			printf "%13s", (("base", rows[r], "floor") in cost) ? cost["base", rows[r], "floor"] : "-"
		for (c = 1; c <= column_count; c++)
			printf "%13s", cell(rows[r], columns[c])
		printf "%9s\n", rows[r] in budget ? budget[rows[r]] : ""
	}
	for (r = 1; r <= row_count; r++)
		for (c = 1; c <= column_count; c++)
			check(rows[r], columns[c])
	exit failed
}
