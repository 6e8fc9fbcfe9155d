// SPDX-License-Identifier: GPL-2.0-or-later
/* Says by a note whose it is: the package acme-agent, and a build id that no other program has. */
int main(void)
{
	return 0;
}
