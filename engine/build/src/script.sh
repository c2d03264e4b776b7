# The folders to work in, and where the archives are.
W=${W:-$PWD/built-by-hand}
JOBS=${JOBS:-$(nproc)}
export HOME=$W/home MAKEFLAGS=-j$JOBS
mkdir -p "$W/home" "$W/archives"

# archive NAME SHA256 FILE URL...: leads $W/archives/NAME to FILE, where it is there, or to what one of the addresses gives.
archive() {
  local name=$W/archives/$1 sum=$2 file=$3 url; shift 3
  if [ -e "$file" ]; then ln -sfn "$file" "$name"; fi
  for url in "$@"; do [ -e "$name" ] || curl -fL --retry 3 -o "$name.part" "$url" && mv "$name.part" "$name" || true; done
  echo "$sum  $name" | sha256sum -c -
}
# copy FROM TO: a file, or what is in a folder into another.
copy() {
  if [ -d "$1" ]; then mkdir -p "$2"; cp -a "$1/." "$2/"; else mkdir -p "$(dirname "$2")"; cp -L --preserve=mode,timestamps --remove-destination "$1" "$2"; fi
}
# link TARGET AT: where a folder is in the way, what is in it moves to the target first.
link() {
  mkdir -p "$(dirname "$2")"
  if [ -d "$2" ] && [ ! -L "$2" ]; then copy "$2" "$(dirname "$2")/$1"; rm -r "$2"; fi
  ln -sfn "$1" "$2"
}
# substitute FILE FROM TO: every place of a text in a file.
substitute() { FROM=$2 TO=$3 perl -0pi -e 's/\Q$ENV{FROM}\E/$ENV{TO}/g' "$1"; }
# merge_config ANSWERS INTO: each option that the first speaks of, said in the second as the first says it.
merge_config() {
  awk 'function name(l) { sub(/^# /, "", l); sub(/[= ].*/, "", l); return l }
       /^(# )?CONFIG_/ && NR == FNR { said[name($0)] = $0; order[++n] = name($0); next }
       NR == FNR { next }
       /^(# )?CONFIG_/ && name($0) in said { print said[name($0)]; delete said[name($0)]; next }
       { print }
       END { for (i = 1; i <= n; i++) if (order[i] in said) { print said[order[i]]; delete said[order[i]] } }' "$1" "$2" > "$2.merged"
  if cmp -s "$2" "$2.merged"; then rm "$2.merged"; else mv "$2.merged" "$2"; fi
}
needed() { readelf -d "$1" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'; readelf -l "$1" 2>/dev/null | sed -n 's/.*interpreter: .*\/\([^]/]*\)\]/\1/p'; }
# shared_objects ROOT SEARCH INTO: copies what the programs below ROOT need, and what that needs, from SEARCH.
shared_objects() {
  local todo=() name file service
  while read -r file; do mapfile -t -O ${#todo[@]} todo < <(needed "$file"); done < <(find "$1" -type f)
  while [ ${#todo[@]} -gt 0 ]; do
    name=${todo[0]}; todo=("${todo[@]:1}"); file=$2/$name
    [ ! -e "$3/$name" ] || continue
    copy "$file" "$3/$name"
    mapfile -t -O ${#todo[@]} todo < <(needed "$file")
    case $name in libc.so*)
      # A glibc before 2.34 looks names up through modules that no program names.
      if nm -D --defined-only "$file" | grep -q __nss_configure_lookup; then
        for service in files dns; do
          nm -D --defined-only "$file" | grep -q "_nss_${service}_gethostbyname_r" || todo+=("libnss_$service.so.2")
        done
      fi;;
    esac
  done
}
strip_all() { find "$1" -type f -exec sh -c 'readelf -h "$1" > /dev/null 2>&1 && strip --strip-unneeded "$1"' _ {} \; ; }
# initramfs ROOT TO "PATH TYPE MAJOR MINOR MODE"...: the tree as the kernel unpacks it. Device nodes want root; fakeroot does.
initramfs() {
  local root=$1 to=$2 as=(); shift 2
  [ "$(id -u)" = 0 ] || as=(fakeroot)
  mkdir -p "$(dirname "$to")"; rm -rf "$W/initramfs"; copy "$root" "$W/initramfs"
  "${as[@]}" bash -ec 'cd "$1"; shift
    for d in "$@"; do set -- $d; mkdir -p "$(dirname "$1")"; rm -f "$1"; mknod -m "$5" "$1" "$2" "$3" "$4"; done
    find . | sort | cpio -o -H newc -R 0:0 --quiet' _ "$W/initramfs" "$@" | gzip -9n > "$to"
}
require() { [ -s "$1" ] || { echo "$1 is missing or empty: $2" >&2; exit 1; }; }
