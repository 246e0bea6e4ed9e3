# Looks at a restored volume without changing it: reads all of it, then mounts each file system read-only and reads
# every file. Says in its last line what came of it. LASTGOOD_VOLUME is the id of the volume without its dash.
set -u
say() { echo "lastgood-result: $*"; exit 0; }
device=
for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
  for known in "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_$LASTGOOD_VOLUME" "$LASTGOOD_DEVICE" "/dev/xv${LASTGOOD_DEVICE#/dev/s}"; do
    [ -b "$known" ] && device=$(readlink -f "$known") && break 2
  done
  sleep 5
done
[ -n "$device" ] || say "failed the volume does not appear on the instance"
dd if="$device" of=/dev/null bs=1M 2>/dev/null || say "failed the volume cannot be read to its end"
folder=$(mktemp -d) || say "failed there is no room for a folder"
good=0 bad= other=0 files=0
for part in $(lsblk -lnpo NAME "$device"); do
  kind=$(blkid -o value -s TYPE "$part" 2>/dev/null)
  case $kind in
    ext2 | ext3 | ext4) how=ro,noload ;;
    xfs) how=ro,norecovery,nouuid ;;
    '') continue ;;
    *) other=$((other + 1)); continue ;;
  esac
  if mount -o "$how" "$part" "$folder"; then
    if find "$folder" -xdev -type f -exec cat {} + >/dev/null; then good=$((good + 1)); else bad="$part"; fi
    files=$((files + $(find "$folder" -xdev -type f | wc -l)))
    umount "$folder"
  else
    bad="$part"
  fi
done
rmdir "$folder"
[ -z "$bad" ] || say "failed the file system on $bad cannot be mounted or read"
[ "$good" -gt 0 ] || say "partial no file system that is understood is on it; all of it was read"
[ "$other" -eq 0 ] || say "partial $good file systems with $files files were read, $other are not understood"
say "passed $good file systems with $files files were read"
