"use strict";
// The last blocks, live: newHeads over WebSocket for the blocks, /api for the rest.
const ROWS = 20;
const byId = (id) => document.getElementById(id);
const finality = [];
const heads = [];
let members = new Map();

const cell = (row, text, kind) => {
  const td = document.createElement("td");
  if (kind === "code") {
    const code = document.createElement("code");
    code.textContent = text;
    td.append(code);
  } else {
    td.textContent = text;
    if (kind) td.className = kind;
  }
  row.append(td);
};
const short = (hash) => hash.slice(0, 10) + "…" + hash.slice(-6);

const show = (block) => {
  const row = document.createElement("tr");
  cell(row, block.number);
  cell(row, new Date(block.timeMs).toLocaleTimeString());
  cell(row, block.transactions, "n");
  cell(row, block.gasUsed.toLocaleString(), "n");
  cell(row, members.get(block.proposer.toLowerCase()) ?? short(block.proposer));
  cell(row, short(block.hash), "code");
  const body = byId("blocks").tBodies[0];
  body.prepend(row);
  while (body.rows.length > ROWS) body.deleteRow(-1);
};

const measure = (block) => {
  heads.push(block);
  while (heads.length > 1 && block.timeMs - heads[0].timeMs > 10000) heads.shift();
  const seconds = (block.timeMs - heads[0].timeMs) / 1000;
  const sum = heads.slice(1).reduce((all, head) => all + head.transactions, 0);
  byId("rate").textContent = seconds > 0 ? (sum / seconds).toFixed(sum / seconds < 10 ? 1 : 0) : "–";
  byId("block").textContent = block.number;
};

const get = async (path) => {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(path + ": " + answer.status);
  return answer.json();
};

const refresh = async () => {
  const [network, all] = await Promise.all([get("/api/network"), get("/api/members")]);
  members = new Map(all.map((member) => [member.proposer?.toLowerCase(), member.name]));
  byId("name").textContent = network.name;
  byId("chain").textContent = network.chainId;
  byId("key").textContent = network.networkKey;
  byId("genesis").textContent = network.genesis;
  byId("version").textContent = network.version + (network.syncing ? ", catching up" : "");
  byId("pending").textContent = network.pending;
  finality.push(network.finalityMs);
  while (finality.length > 30) finality.shift();
  const sorted = [...finality].sort((a, b) => a - b);
  byId("finality").textContent = sorted[Math.floor(sorted.length / 2)] + " ms";
  const body = byId("members").tBodies[0];
  body.replaceChildren(...all.map((member) => {
    const row = document.createElement("tr");
    cell(row, member.name);
    cell(row, member.isSelf ? "this node" : member.connected ? "connected" : "not connected");
    cell(row, member.lastProposed ?? "–", "n");
    cell(row, member.publicKey, "code");
    return row;
  }));
};

let last = -1;
const catchUp = async () => {
  const blocks = (await get("/api/blocks?limit=" + ROWS)).blocks;
  for (const block of blocks.reverse()) {
    if (block.number <= last) continue;
    last = block.number;
    show(block);
    measure(block);
  }
};

let busy = false;
let again = false;
const update = async () => {
  if (busy) { again = true; return; }
  busy = true;
  try {
    do { again = false; await catchUp(); await refresh(); } while (again);
  } catch (error) {
    console.warn(error);
  }
  busy = false;
};

const state = (text, kind) => {
  byId("state").textContent = text;
  byId("state").className = kind;
};

let wait = 500;
const connect = () => {
  const socket = new WebSocket((location.protocol === "https:" ? "wss://" : "ws://") + location.host + "/");
  socket.onopen = () => {
    wait = 500;
    state("live", "live");
    socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_subscribe", params: ["newHeads"] }));
  };
  socket.onmessage = update;
  socket.onclose = () => {
    state("the node does not answer; trying again", "lost");
    setTimeout(connect, wait);
    wait = Math.min(wait * 2, 10000);
  };
};

refresh().then(update, update).then(connect);
