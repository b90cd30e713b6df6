/** Who or what is at an address: a person, an organisation, a contract, a module. */
import { useQuery } from "@tanstack/react-query";
import { decodeFunctionResult, encodeFunctionData, getAddress, isAddress, keccak256, size } from "viem";
import { batch, get, type Hex, type RecordEntry, rpc } from "../ledger/api";
import { module, view } from "../ledger/modules";
import { useAccount, useKnown, useMembers } from "../ledger/names";
import {
  Address,
  Badge,
  Card,
  Copy,
  Empty,
  Fact,
  Facts,
  Hash,
  Loading,
  Problem,
  Said,
  Time,
  Title,
  TransactionLink,
} from "../parts/basics";
import { InterfaceCard } from "../parts/interface";
import { CountedPager, countedPage, Pager } from "../parts/pager";
import { RecordTable } from "../parts/records";
import { Table } from "../parts/table";
import { type Row, TransactionTable } from "../parts/transactions";
import { Link, useQueryParam } from "../shell/router";
import { strings } from "../strings";
import * as format from "../text/format";
import { asciiOf, plain } from "../text/safe";
import { NotFound } from "./NotFound";

const t = strings.account;
const SIZE = 25;

interface Holdings {
  ether: bigint;
  nonce: number;
  code: Hex;
  money: { amount: bigint; places: number; symbol: string } | undefined;
}

async function holdings(address: string): Promise<Holdings> {
  const token = await module("token").catch(() => undefined);
  const ask = (functionName: string, args: unknown[] = []) =>
    token
      ? [
          {
            method: "eth_call",
            params: [
              { to: token.address, data: encodeFunctionData({ abi: token.abi, functionName, args }) },
              "latest",
            ],
          },
        ]
      : [];
  const [ether, nonce, code, ...rest] = (await batch([
    { method: "eth_getBalance", params: [address, "latest"] },
    { method: "eth_getTransactionCount", params: [address, "latest"] },
    { method: "eth_getCode", params: [address, "latest"] },
    ...ask("balanceOf", [address]),
    ...ask("decimals"),
    ...ask("symbol"),
  ])) as (Hex | undefined)[];
  const read = (functionName: string, data: Hex | undefined) =>
    token && data ? decodeFunctionResult({ abi: token.abi, functionName, data }) : undefined;
  const amount = read("balanceOf", rest[0]) as bigint | undefined;
  return {
    ether: BigInt(ether ?? 0),
    nonce: Number(nonce ?? 0),
    code: code ?? "0x",
    money:
      amount === undefined
        ? undefined
        : {
            amount,
            places: Number(read("decimals", rest[1]) ?? 9),
            symbol: String(read("symbol", rest[2]) ?? ""),
          },
  };
}

interface Role {
  role: Hex;
  standing: number;
}

function Roles({ address }: { address: Hex }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["roles", address],
    queryFn: () => view<[Role[], bigint]>("accounts", "rolesOf", address, 0n, 100n),
  });
  if (error) return <Problem error={error} retry={refetch} />;
  if (!data) return <Loading />;
  const name = (entry: Role) => asciiOf(entry.role) ?? entry.role;
  return (
    <Table
      caption={t.rolesCaption}
      rows={data[0]}
      id={(entry) => entry.role}
      empty={{ title: t.noRoles, text: t.noRolesText }}
      columns={[
        { head: t.role, cell: (entry) => <Said text={name(entry)} />, text: name },
        {
          head: t.standing,
          cell: (entry) => (
            <Badge tone={entry.standing === 6 ? "good" : entry.standing === 5 ? "wait" : "plain"}>
              {t.standings[entry.standing] ?? entry.standing}
            </Badge>
          ),
          text: (entry) => t.standings[entry.standing] ?? String(entry.standing),
        },
      ]}
    />
  );
}

function Overview({ address, held, isCode }: { address: Hex; held: Holdings; isCode: boolean }) {
  const account = useAccount(address);
  const members = useMembers();
  const member = members?.find((one) => one.account.toLowerCase() === address.toLowerCase());
  const registered = account && account.registeredAt > 0n;
  return (
    <>
      <Card>
        <Facts>
          <Fact name={strings.contracts.address}>
            <Hash value={address} what={strings.kinds.address} whole />
          </Fact>
          {registered && account.name !== "" && (
            <Fact name={t.name} hint={t.nameHint}>
              <Said text={account.name} />
            </Fact>
          )}
          {registered && account.handle !== "" && (
            <Fact name={t.handle} hint={t.handleHint}>
              @<Said text={account.handle} />
            </Fact>
          )}
          {member && (
            <Fact name={t.member}>
              <Link to="/members">{t.memberOf(plain(member.name, 60))}</Link>
            </Fact>
          )}
          {held.money && (
            <Fact name={t.money}>
              {format.decimal(held.money.amount, held.money.places)} {plain(held.money.symbol, 12)}
            </Fact>
          )}
          <Fact name={t.ether}>{format.decimal(held.ether, 18)}</Fact>
          <Fact name={t.nonce}>{format.count(held.nonce)}</Fact>
          {!isCode && (
            <Fact name={t.registered}>
              {registered ? (
                <Time ms={Number(account.registeredAt) * 1000} both />
              ) : account === undefined ? (
                strings.loading
              ) : (
                <>
                  {t.notRegistered}. <span className="muted">{t.notRegisteredText}</span>
                </>
              )}
            </Fact>
          )}
          {registered && account.keyVersion > 0n && (
            <Fact name={t.key} hint={t.keyVersion(account.keyVersion)}>
              <Hash value={account.encryptionKey} what={strings.kinds.key} whole />
            </Fact>
          )}
        </Facts>
      </Card>
      {!isCode && (
        <Card title={t.roles}>
          <Roles address={address} />
        </Card>
      )}
    </>
  );
}

interface HistoryTransaction {
  hash: Hex;
  from: Hex;
  to: Hex | null;
  input: Hex;
  value: Hex;
  blockNumber: Hex;
}

interface HistoryReceipt {
  status: Hex;
  timestamp: number | Hex;
  contractAddress: Hex | null;
}

interface History {
  txs: HistoryTransaction[];
  receipts: HistoryReceipt[];
  lastPage: boolean;
}

function Transactions({ address }: { address: Hex }) {
  const before = Number(useQueryParam("before") ?? 0) || 0;
  const { data, error, refetch } = useQuery({
    queryKey: ["account", address, "transactions", before],
    queryFn: () => rpc<History>("ots_searchTransactionsBefore", address, before, SIZE),
    refetchInterval: before === 0 ? 3_000 : false,
  });
  if (error && !data) return <Problem error={error} retry={refetch} />;
  if (!data) return <Loading />;
  const rows = data.txs.map((transaction, at): Row => {
    const receipt = data.receipts[at];
    return {
      hash: transaction.hash,
      from: transaction.from,
      to: transaction.to,
      input: transaction.input,
      value: BigInt(transaction.value).toString(),
      block: Number(transaction.blockNumber),
      created: receipt?.contractAddress ?? null,
      timeMs: receipt ? Number(receipt.timestamp) * 1000 : null,
      succeeded: receipt ? receipt.status === "0x1" : null,
    };
  });
  const oldest = rows.at(-1)?.block;
  return (
    <TransactionTable
      caption={t.transactionsCaption}
      rows={rows}
      empty={{ title: t.noTransactions, text: t.noTransactionsText }}
      pager={
        <Pager
          newest={before === 0 ? undefined : "before"}
          older={data.lastPage || !oldest ? undefined : { name: "before", value: String(oldest) }}
        />
      }
    />
  );
}

interface RecordPage {
  records: RecordEntry[];
  total: number;
}

function Records({ address }: { address: Hex }) {
  const page = Number(useQueryParam("page") ?? 0) || 0;
  const { data, error, refetch } = useQuery({
    queryKey: ["account", address, "records", page],
    queryFn: async () => {
      const { total } = await get<RecordPage>(`/api/records?owner=${address}&limit=1`);
      const { from, size } = countedPage(total, page, SIZE);
      const found = await get<RecordPage>(
        `/api/records?owner=${address}&from=${from}&limit=${Math.max(1, size)}`,
      );
      return { total, records: found.records.reverse() };
    },
  });
  if (error) return <Problem error={error} retry={refetch} />;
  if (!data) return <Loading />;
  return (
    <RecordTable
      caption={t.recordsCaption}
      rows={data.records}
      owned
      empty={{ title: t.noRecords, text: t.noRecordsText }}
      pager={<CountedPager total={data.total} page={page} size={SIZE} name="page" />}
    />
  );
}

function Code({ address, code, isModule }: { address: Hex; code: Hex; isModule: boolean }) {
  const creator = useQuery({
    queryKey: ["account", address, "creator"],
    queryFn: async () =>
      (await rpc<{ hash: Hex; creator: Hex } | null>("ots_getContractCreator", address)) ?? null,
    enabled: !isModule,
  });
  if (isModule) return <p>{t.moduleCode}</p>;
  return (
    <>
      <Facts>
        <Fact name={t.codeSize}>{format.bytes(size(code))}</Fact>
        <Fact name={t.codeHash}>
          <Hash value={keccak256(code)} what={t.codeHash.toLowerCase()} whole />
        </Fact>
        {creator.data && (
          <Fact name={t.creator}>
            <Address value={creator.data.creator} /> {t.inTransaction}{" "}
            <TransactionLink hash={creator.data.hash} />
          </Fact>
        )}
      </Facts>
      <details>
        <summary>{t.bytes}</summary>
        <div className="bytes">
          <code className="hex whole">{code.slice(0, 60_000)}</code>
          <Copy text={code} what={t.codeSize.toLowerCase()} />
        </div>
      </details>
    </>
  );
}

export function AccountPage({ address: given, tab }: { address: string; tab: string }) {
  const valid = isAddress(given, { strict: false });
  const address = (valid ? getAddress(given) : given) as Hex;
  const known = useKnown()?.get(given.toLowerCase());
  const account = useAccount(valid ? address : undefined);
  const { data, error, refetch } = useQuery({
    queryKey: ["account", address, "holdings"],
    queryFn: () => holdings(address),
    enabled: valid,
    refetchInterval: 5_000,
  });
  const isModule = known?.by === "module";
  const isCode = isModule || (data !== undefined && data.code !== "0x");
  const tabs = Object.entries(t.tabs).filter(([name]) => isCode || !["code", "interface"].includes(name));
  if (!valid || !(tab in t.tabs)) return <NotFound />;
  const kind = isModule ? t.kindModule : isCode ? t.kindContract : t.kindAccount;
  const name = known ? known.name : account?.name;
  return (
    <>
      <Title kind={kind} text={name ? plain(name, 60) : format.short(address)}>
        <span className="hash">
          <code className="hex">{format.short(address)}</code>
          <Copy text={address} what={strings.kinds.address} />
        </span>
      </Title>
      <nav className="tabs" aria-label={kind}>
        {tabs.map(([name, text]) => (
          <Link
            key={name}
            to={name === "overview" ? `/accounts/${given}` : `/accounts/${given}/${name}`}
            aria-current={name === tab ? "page" : undefined}
          >
            {text}
          </Link>
        ))}
      </nav>
      {error && !data ? (
        <Problem error={error} retry={refetch} />
      ) : !data ? (
        <Loading />
      ) : tab === "overview" ? (
        <Overview address={address} held={data} isCode={isCode} />
      ) : tab === "transactions" ? (
        <Card>
          <Transactions address={address} />
        </Card>
      ) : tab === "records" ? (
        <Card>
          <Records address={address} />
        </Card>
      ) : !isCode ? (
        <Empty title={t.noCode} />
      ) : tab === "code" ? (
        <Card>
          <Code address={address} code={data.code} isModule={isModule} />
        </Card>
      ) : (
        <InterfaceCard address={address} />
      )}
    </>
  );
}
