// What the plain re-statements of foreign formats share. Test code, not trusted.

/** Returns true iff `text` is `glob`, in which `*` is any run of characters: by hand, from the left. */
export function isGlob(glob: string, text: string): boolean {
  const star = glob.indexOf("*");
  if (star < 0) return glob === text;
  if (!text.startsWith(glob.slice(0, star))) return false;
  for (let from = star; from <= text.length; from++) if (isGlob(glob.slice(star + 1), text.slice(from))) return true;
  return false;
}
