# SPDX-License-Identifier: GPL-2.0-or-later
# One table from the counts of one kernel, KERNEL.COLUMN each; fails over the budget, or where the controls differ.

BEGIN {
	# What a column may add to the floor. The first run of a file counts only where nothing is hashed.
	# Programs whose names or place make path rules look closer are shown, and have no budget.
	budget["exec"] = 1500
	budget["mmapx"] = 400
	budget["first"] = budget["first.large"] = 3000
	hashes["unsized"] = hashes["all"] = 1
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

{
	if (!($1 in seen)) {
		seen[$1] = 1
		rows[++row_count] = $1
	}
	cost[$1, column] = $3
}

function cell(row, column)
{
	if (!((row, column) in cost))
		return "-"
	if (column == "none" || row == "load" || !((row, base(column)) in cost))
		return cost[row, column]
	return sprintf("%+d", cost[row, column] - cost[row, base(column)])
}

function base(column)
{
	return column == "floor" ? "none" : "floor"
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

function check(row, column, over)
{
	if (is_control(row) && cost[row, column] != cost[row, columns[1]])
		complain(sprintf("VOID: the control %s differs in %s", row, column))
	if (!(row in budget) || column == "none" || column == "floor" || !((row, "floor") in cost))
		return
	if (row ~ /^first/ && column in hashes)
		return
	over = cost[row, column] - cost[row, "floor"] - budget[row]
	if (over > 0)
		complain(sprintf("OVER: %s in %s: %d above the budget of %d", row, column, over, budget[row]))
}

END {
	printf "\n%-14s", kernel
	for (c = 1; c <= column_count; c++)
		printf "%13s", columns[c]
	printf "%9s\n", "budget"
	for (r = 1; r <= row_count; r++) {
		printf "%-14s", rows[r]
		for (c = 1; c <= column_count; c++)
			printf "%13s", cell(rows[r], columns[c])
		printf "%9s\n", rows[r] in budget ? budget[rows[r]] : ""
	}
	for (r = 1; r <= row_count; r++)
		for (c = 1; c <= column_count; c++)
			check(rows[r], columns[c])
	exit failed
}
