// The SP wire protocol of nanomsg and nng over TCP: an eight-byte header from
// each side, then frames with a length of eight bytes before each.
import net from "node:net";

export const REQ = 0x30;
export const REP = 0x31;
export const PUB = 0x20;
export const SUB = 0x21;

const FRAME_MAX = 32 * 1024 * 1024 + 4096;

const header = (protocol) => Buffer.from([0, 0x53, 0x50, 0, 0, protocol, 0, 0]);

// dial(address, mine, peer, { ready, frame, closed }): calls ready() once the
// peer has shown its header, frame(bytes) for each frame, closed() at the end.
export function dial(address, mine, peer, on) {
  const { hostname, port } = new URL(address.replace(/^tcp:/, "http:"));
  const socket = net.connect({ host: hostname, port: Number(port) });
  let chunks = [];
  let length = 0;
  let ready = false;
  let over = false;

  const close = () => {
    if (!over) {
      over = true;
      socket.destroy();
      on.closed();
    }
  };
  // The first `size` bytes of what has come, or null.
  const peek = (size) => {
    if (length < size) {
      return null;
    }
    if (chunks[0].length < size) {
      chunks = [Buffer.concat(chunks, length)];
    }
    return chunks[0].subarray(0, size);
  };
  const drop = (size) => {
    chunks[0] = chunks[0].subarray(size);
    length -= size;
    if (chunks[0].length === 0) {
      chunks.shift();
    }
  };
  const takeHeader = () => {
    const bytes = peek(8);
    if (!bytes) {
      return false;
    }
    if (!bytes.equals(header(peer))) {
      close();
      return false;
    }
    drop(8);
    ready = true;
    on.ready();
    return true;
  };
  const takeFrame = () => {
    const size = peek(8)?.readBigUInt64BE();
    if (size === undefined) {
      return false;
    }
    if (size > BigInt(FRAME_MAX)) {
      close();
      return false;
    }
    const bytes = peek(8 + Number(size));
    if (!bytes) {
      return false;
    }
    drop(bytes.length);
    on.frame(bytes.subarray(8));
    return true;
  };

  socket.setNoDelay(true);
  socket.write(header(mine));
  socket.on("data", (data) => {
    chunks.push(data);
    length += data.length;
    while (!over && (ready ? takeFrame() : takeHeader()));
  });
  socket.on("error", close);
  socket.on("close", close);
  return {
    close,
    isReady: () => ready && !over,
    send(body) {
      const size = Buffer.alloc(8);
      size.writeBigUInt64BE(BigInt(body.length));
      socket.write(size);
      socket.write(body);
    },
  };
}
