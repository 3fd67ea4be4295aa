import { encodeMessage, type WireMessage } from './wire.ts';

/**
 * The engine has one name space of prepared statements and portals; clients believe in one each. Names that a
 * client gives get its prefix on the way in. Nothing on the way out carries such a name but error texts.
 */
export class StatementNames {
  readonly #prefix: Buffer;
  /** Named statements that the client prepared and has not closed, as the engine knows them. */
  readonly prepared = new Set<string>();

  constructor(sessionId: number) {
    this.#prefix = Buffer.from(`c${sessionId.toString(36)}_`);
  }

  /**
   *     Parse    P  statement\0 …            Describe D  'S'|'P' name\0
   *     Bind     B  portal\0 statement\0 …   Close    C  'S'|'P' name\0
   *     Execute  E  portal\0 …
   */
  translate({ type, bytes }: WireMessage): Buffer {
    const body = bytes.subarray(5);
    switch (type) {
      case 'P': {
        const [name, rest] = this.#named(body);
        if (name.length > 0) this.prepared.add(name.toString('utf8'));
        return name.length === 0 ? bytes : encodeMessage(type, name, rest);
      }
      case 'B': {
        const [portal, afterPortal] = this.#named(body);
        const [statement, rest] = this.#named(afterPortal.subarray(1));
        return portal.length + statement.length === 0 ? bytes : encodeMessage(type, portal, zero, statement, rest);
      }
      case 'E': {
        const [portal, rest] = this.#named(body);
        return portal.length === 0 ? bytes : encodeMessage(type, portal, rest);
      }
      case 'D':
      case 'C': {
        const [name, rest] = this.#named(body.subarray(1));
        if (type === 'C' && body[0] === 0x53) this.prepared.delete(name.toString('utf8'));
        return name.length === 0 ? bytes : encodeMessage(type, body.subarray(0, 1), name, rest);
      }
      default:
        return bytes;
    }
  }

  /** The name with the prefix, or empty where it is; and what follows, from its zero byte on. */
  #named(body: Buffer): [name: Buffer, rest: Buffer] {
    const end = body.indexOf(0);
    const name = body.subarray(0, Math.max(0, end));
    return [name.length === 0 ? name : Buffer.concat([this.#prefix, name]), body.subarray(Math.max(0, end))];
  }
}

const zero = Buffer.from([0]);
