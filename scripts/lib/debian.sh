# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A private apt root: Debian's suites are read without touching the machine's own configuration.

readonly APT_ROOT=$CACHE/apt
readonly APT_LISTS_MAX_AGE_DAYS=7
readonly KEYRINGS=(/usr/share/keyrings/debian-archive-keyring.gpg /usr/share/keyrings/debian-archive-keyring.pgp)

private_apt()
{
	local tool=$1

	shift
	"$tool" -o Dir::Etc::sourcelist="$APT_ROOT/sources.list" -o Dir::Etc::sourceparts=- \
		-o Dir::State="$APT_ROOT/state" -o Dir::State::status=/dev/null \
		-o Dir::State::lists="$APT_ROOT/lists" -o Dir::Cache="$APT_ROOT/cache" \
		-o APT::Architecture=amd64 -o APT::Architectures=amd64 -o Acquire::Languages=none \
		-o APT::Sandbox::User=root -o Acquire::Retries=2 "$@"
}

# known_mirror NAME: what mmdebstrap would use by itself, for machines whose own apt knows no Debian (Fedora).
known_mirror()
{
	local program

	program=$(type -P mmdebstrap) || return 0
	sed -nE "s/^[[:space:]]*my [\$]$1[[:space:]]*=[[:space:]]*'(https?:[^']+)';.*/\1/p" "$program" | head -n 1
}

# mirror_of CODENAME VARIABLE NAME: where this machine gets that suite from, unless the variable says otherwise.
mirror_of()
{
	local uri=${!2:-}

	# The format is apt's own language, not the shell's.
	# shellcheck disable=SC2016
	[[ $uri ]] || uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $1" |
		sort -u | head -n 1)
	[[ $uri ]] || uri=$(known_mirror "$3")
	[[ $uri ]] || die "no mirror of Debian's $1 is known: set $2 to the address of one"
	printf '%s\n' "$uri"
}

debian_keyring()
{
	local keyring

	for keyring in "${KEYRINGS[@]}"; do
		if [[ -e $keyring ]]; then printf '%s\n' "$keyring"; return; fi
	done
	die "no keyring of Debian's archive: run scripts/setup"
}

write_sources()
{
	local suite keyring main security options

	keyring=$(debian_keyring) || exit
	main=$(mirror_of bookworm EMBARGO_DEBIAN_MIRROR mirror) || exit
	security=$(mirror_of bookworm-security EMBARGO_DEBIAN_SECURITY_MIRROR secmirror) || exit
	options="[arch=amd64 signed-by=$keyring]"
	for suite in bookworm bookworm-backports trixie trixie-backports; do
		printf 'deb %s %s %s main\n' "$options" "$main" "$suite"
	done
	for suite in bookworm-security trixie-security; do
		printf 'deb %s %s %s main\n' "$options" "$security" "$suite"
	done
}

# update_lists: fetches the package lists and writes what kernels they offer. Fails without a network.
update_lists()
{
	local log=$APT_ROOT/update.log sources

	need apt-get apt
	mkdir -p "$APT_ROOT"/{lists,cache/archives,state}/partial
	sources=$(write_sources) || return
	printf '%s\n' "$sources" >"$APT_ROOT/sources.list"
	note "reading Debian's package lists"
	private_apt apt-get -o APT::Update::Error-Mode=any update >"$log" 2>&1 || return
	private_apt apt-cache -n search '^linux-(image|binary|modules|base)-[0-9].*[0-9]-(cloud-)?amd64$' |
		cut -d' ' -f1 | sort -V >"$APT_ROOT/offered.new"
	mv "$APT_ROOT/offered.new" "$APT_ROOT/offered"
}

lists_are_fresh()
{
	[[ -e $APT_ROOT/offered && -n $(find "$APT_ROOT/offered" -mtime "-$APT_LISTS_MAX_AGE_DAYS") ]]
}

# download_packages FOLDER PACKAGE...: apt checks each against the signed lists.
download_packages()
{
	local folder=$1

	shift
	note "downloading $*"
	(cd "$folder" && private_apt apt-get -q download "$@" >"$APT_ROOT/download.log" 2>&1)
}
