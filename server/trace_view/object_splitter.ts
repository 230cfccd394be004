const QUOTE = '"'.charCodeAt(0);
const BACKSLASH = "\\".charCodeAt(0);
const OBJECT_START = "{".charCodeAt(0);
const OBJECT_END = "}".charCodeAt(0);
const LIST_START = "[".charCodeAt(0);
const LIST_END = "]".charCodeAt(0);
const BETWEEN = Array.from(", \t\r\n", (character) => character.charCodeAt(0));

interface ObjectText {
  readonly text: string;
  /** How many lists have ended before it, which identifies its list in a list of lists. */
  readonly list: number;
}

/**
 * Finds the objects in a JSON document of lists that comes in pieces, so that each can be parsed separately: parsing a
 * collector's whole answer at once could block others.
 */
export class ObjectSplitter {
  #open = "";
  #depth = 0;
  #openLists = 0;
  #list = 0;
  #isInString = false;
  #isEscaped = false;
  #hasOthers = false;

  /** Whether the document has anything but objects in lists. */
  get hasOthers(): boolean {
    return this.#hasOthers;
  }

  /** Whether the document is at its end. */
  get isComplete(): boolean {
    return !this.#hasOthers && this.#list > 0 && this.#openLists === 0 && this.#depth === 0;
  }

  /** The most that is kept of an unfinished object, in characters. */
  get openLength(): number {
    return this.#open.length;
  }

  /** Takes the next piece; yields the objects that end in it. */
  *split(piece: string): Generator<ObjectText> {
    let start = this.#depth > 0 ? 0 : piece.length;
    for (let index = 0; index < piece.length; index++) {
      const code = piece.charCodeAt(index);
      if (this.#isInString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (code === BACKSLASH) this.#isEscaped = true;
        else if (code === QUOTE) this.#isInString = false;
      } else if (code === QUOTE) {
        this.#isInString = true;
        this.#hasOthers ||= this.#depth === 0;
      } else if (code === OBJECT_START) {
        if (this.#depth++ === 0) start = index;
      } else if (code === OBJECT_END) {
        if (--this.#depth > 0) continue;
        yield { text: this.#open + piece.slice(start, index + 1), list: this.#list };
        this.#open = "";
        start = piece.length;
      } else if (this.#depth === 0) {
        if (code === LIST_START) this.#openLists++;
        else if (code === LIST_END) {
          this.#openLists--;
          this.#list++;
        } else if (!BETWEEN.includes(code)) this.#hasOthers = true;
      }
    }
    this.#open += piece.slice(start);
  }
}
