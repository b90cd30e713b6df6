/** *Bids*: tenders, sealed until their deadline and open to everybody after it. */
import { useSession } from "@commonhold/web/keys/session";
import type { Hex } from "@commonhold/web/ledger/api";
import {
  Asked,
  Badge,
  Card,
  Empty,
  Fact,
  Facts,
  Hash,
  Said,
  Time,
  Title,
} from "@commonhold/web/parts/basics";
import { CountedPager } from "@commonhold/web/parts/pager";
import { date, iso, Proof, SIZE, same, useCalled, Who } from "@commonhold/web/parts/steps";
import { Table } from "@commonhold/web/parts/table";
import { Link, useQueryParam } from "@commonhold/web/shell/router";
import * as format from "@commonhold/web/text/format";
import { plain } from "@commonhold/web/text/safe";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Book, gather, proof } from "./book";
import { type Bid, KIND, law, laws, PART, packages, type Score, type Tender } from "./law";
import { Reveal } from "./Reveal";
import { opened } from "./revealing";
import {
  Countdown,
  Effect,
  isNumber,
  LOOK_MS,
  Missing,
  ProjectLink,
  Reason,
  ScopeChoice,
  step,
  titleOf,
  useBook,
  useNow,
  useScope,
  useSigning,
} from "./shared";
import { strings } from "./strings";
import { useWidth } from "./width";
import { fingerprint, isZero, money, plainMoney, text } from "./words";

const t = strings.bids;

type Entry = Book["tenders"][number];
export type Phase = keyof typeof t.states;

/** How a tender stands. */
export function phase(tender: Tender & { offers: readonly Bid[] }, now: number, given: boolean): Phase {
  if (!isZero(tender.awarded)) return "awarded";
  if (Number(tender.deadline) >= now) return "bidding";
  if (given) return "over";
  if (tender.opened < tender.bids && Number(tender.openingUntil) >= now) return "opening";
  return tender.opened > 0n ? "decide" : "over";
}

const TONES: Record<Phase, "good" | "bad" | "wait" | "plain"> = {
  bidding: "wait",
  opening: "wait",
  decide: "wait",
  awarded: "good",
  over: "plain",
};

const packageTitle = (book: Book, tender: Tender) =>
  plain(book.packages.find((one) => one.number === tender.package)?.title ?? "", 60);

const isGiven = (book: Book, tender: Tender) =>
  book.deals.some((deal) => deal.offer.package === tender.package && deal.offer.tender !== tender.number);

export function Bids() {
  const { who } = useScope();
  const query = useBook({ who });
  const page = Number(useQueryParam("page") ?? 0) || 0;
  const time = useNow();
  return (
    <>
      <Title text={t.title} />
      <p className="lead">{t.lead}</p>
      <ScopeChoice />
      <Card>
        <Asked query={query}>
          {(book) => {
            const all = [...book.tenders].sort((a, b) => Number(b.number - a.number));
            const at = (tender: Entry) => phase(tender, time, isGiven(book, tender));
            return (
              <Table
                caption={t.title}
                rows={all.slice(page * SIZE, (page + 1) * SIZE)}
                all={all}
                id={(one) => String(one.number)}
                empty={{ title: t.none, text: t.noneText }}
                pager={<CountedPager total={all.length} page={page} size={SIZE} name="page" />}
                columns={[
                  {
                    head: t.tenderHead,
                    cell: (one) => (
                      <>
                        <Link to={`/works/bids/${one.number}`}>{t.tender(one.number)}</Link>
                        <span className="why">{packageTitle(book, one)}</span>
                      </>
                    ),
                    text: (one) => `${one.number} ${packageTitle(book, one)}`,
                  },
                  {
                    head: t.project,
                    cell: (one) => <ProjectLink book={book} project={one.project} />,
                    text: (one) => titleOf(book, one.project),
                    wide: true,
                  },
                  {
                    head: t.state,
                    cell: (one) => <Badge tone={TONES[at(one)]}>{t.states[at(one)]}</Badge>,
                    text: (one) => t.states[at(one)],
                  },
                  {
                    head: t.deadline,
                    cell: (one) =>
                      at(one) === "bidding" ? (
                        <Countdown due={one.deadline} />
                      ) : (
                        <Time ms={Number(one.deadline) * 1000} />
                      ),
                    text: (one) => iso(one.deadline),
                  },
                  {
                    head: t.bids,
                    cell: (one) => format.count(one.bids),
                    text: (one) => String(one.bids),
                    right: true,
                    wide: true,
                  },
                  {
                    head: strings.transaction,
                    cell: (one) => (
                      <Proof
                        hash={proof(book, "TenderOpened", { number: one.number })}
                        what={t.tender(one.number)}
                      />
                    ),
                    text: (one) => proof(book, "TenderOpened", { number: one.number }) ?? "",
                    wide: true,
                  },
                ]}
              />
            );
          }}
        </Asked>
      </Card>
    </>
  );
}

interface Offer extends Bid {
  sealedBid: Hex | undefined;
  said: { text: string; price: bigint | undefined } | undefined;
  score: Score | undefined;
  transaction: Hex | undefined;
}

/** A tender with its bids; null where there is none. */
function useTender(number: string) {
  return useQuery({
    queryKey: ["works", "tender", number],
    queryFn: async (): Promise<{ book: Book; tender: Entry; offers: Offer[] } | null> => {
      const total = await law<bigint>("count", KIND.Tender);
      if (BigInt(number) > total) return null;
      const found = await law<Tender>("tender", BigInt(number));
      const [of] = await packages([found.package]);
      const book = await gather([of?.project ?? 0n]);
      const tender = book.tenders.find((one) => String(one.number) === number);
      if (!tender) return null;
      const scores = await laws<Score>(
        "credit",
        tender.offers.map((bid) => [bid.bidder, PART.executor]),
      );
      const told = (name: string, bid: Bid) =>
        book.events.find(
          (event) =>
            event.name === name &&
            event.values.get("tender") === number &&
            same(event.values.get("bidder") ?? "", bid.bidder),
        );
      const offers = tender.offers.map((bid, at): Offer => {
        const open = bid.opened ? told("BidOpened", bid) : undefined;
        return {
          ...bid,
          sealedBid: told("BidMade", bid)?.values.get("sealedBid") as Hex | undefined,
          said: open && opened(open.values.get("bid") ?? "0x"),
          score: scores[at],
          transaction: (open ?? told("BidMade", bid))?.transaction,
        };
      });
      const price = (offer: Offer) => offer.said?.price ?? 2n ** 63n;
      offers.sort((a, b) => (price(a) < price(b) ? -1 : price(a) > price(b) ? 1 : 0));
      return { book, tender, offers };
    },
    enabled: isNumber(number),
    refetchInterval: LOOK_MS,
    structuralSharing: false,
  });
}

const HEIGHT = 210;
const LEFT = 52;
const BOTTOM = 34;

/** Price against credit: cheaper is to the left, better known is up. */
function Scatter({ offers, awarded }: { offers: Offer[]; awarded: string }) {
  const [box, width] = useWidth<HTMLDivElement>();
  const priced = offers.filter((offer) => offer.said?.price !== undefined);
  if (priced.length < 2) return null;
  const prices = priced.map((offer) => Number(offer.said?.price ?? 0n));
  const [least, most] = [Math.min(...prices), Math.max(...prices)];
  const room = Math.max(1, (most - least) * 0.2);
  const x = (price: number) =>
    LEFT + ((price - least + room) / (most - least + 2 * room)) * (width - LEFT - 14);
  const y = (score: number) => 14 + (1 - score / 1000) * (HEIGHT - BOTTOM - 14);
  return (
    <div ref={box} className="scatter-box" style={{ minHeight: HEIGHT }}>
      <p className="muted">{t.chart}</p>
      {width > 0 && (
        <svg
          className="scatter"
          width={width}
          height={HEIGHT}
          viewBox={`0 0 ${width} ${HEIGHT}`}
          role="img"
          aria-label={t.chartLabel(priced.length)}
        >
          {[0, 250, 500, 750, 1000].map((score) => (
            <g key={score}>
              <line className="grid" x1={LEFT} x2={width} y1={y(score)} y2={y(score)} />
              <text className="works-axis" x={LEFT - 8} y={y(score) + 4} textAnchor="end">
                {score}
              </text>
            </g>
          ))}
          {priced.map((offer, at) => {
            const price = Number(offer.said?.price ?? 0n);
            return (
              <g key={offer.bidder}>
                <circle
                  className={same(offer.bidder, awarded) ? "offer won" : "offer"}
                  cx={x(price)}
                  cy={y(Number(offer.score?.afterFlags ?? 0n))}
                  r="7"
                />
                <text className="works-axis" x={x(price)} y={HEIGHT - 14} textAnchor="middle">
                  {money(price)}
                </text>
                <text
                  className="offer-number"
                  x={x(price)}
                  y={y(Number(offer.score?.afterFlags ?? 0n)) - 12}
                  textAnchor="middle"
                >
                  {at + 1}
                </text>
              </g>
            );
          })}
        </svg>
      )}
    </div>
  );
}

function Award({
  tender,
  offers,
  sign,
}: {
  tender: Entry;
  offers: Offer[];
  sign: ReturnType<typeof useSigning>["sign"];
}) {
  const [chosen, setChosen] = useState<Offer>();
  const who = useCalled(chosen?.bidder ?? "");
  if (chosen) {
    return (
      <Reason
        label={`${t.awardReason}: ${who}`}
        action={t.award}
        look="primary"
        cancel={() => setChosen(undefined)}
        done={(reason) =>
          sign(
            {
              effect: <Effect text={t.awardEffect(who, tender.number)} reason={reason} />,
              step: step("award", tender.number, chosen.bidder, fingerprint(reason)),
              action: t.award,
            },
            () => setChosen(undefined),
          )
        }
      />
    );
  }
  return (
    <div className="card-actions decide">
      {offers
        .filter((offer) => offer.opened)
        .map((offer) => (
          <AwardTo key={offer.bidder} offer={offer} choose={() => setChosen(offer)} />
        ))}
    </div>
  );
}

function AwardTo({ offer, choose }: { offer: Offer; choose: () => void }) {
  const who = useCalled(offer.bidder);
  return (
    <button type="button" className="button" onClick={choose}>
      {t.awardTo(who)}
    </button>
  );
}

export function TenderPage({ number }: { number: string }) {
  const query = useTender(number);
  const me = useSession()?.address;
  const time = useNow();
  const { sign, dialog } = useSigning();
  if (!isNumber(number)) return <Missing title={t.missing} text={t.missingText} />;
  return (
    <>
      <Asked query={query}>
        {(found) => {
          if (!found) return <Missing title={t.missing} text={t.missingText} />;
          const { book, tender, offers } = found;
          const at = phase(tender, time, isGiven(book, tender));
          const owner = book.projects[0]?.owner;
          const deal = book.deals.find((one) => one.offer.tender === tender.number);
          const mayAward = at === "opening" || at === "decide";
          return (
            <>
              <Title text={`${t.tender(number)}: ${packageTitle(book, tender)}`}>
                <span className="badges">
                  <Badge tone={TONES[at]}>{t.states[at]}</Badge>
                  {at === "bidding" && <Countdown due={tender.deadline} />}
                </span>
              </Title>
              <Card>
                <Facts>
                  <Fact name={t.project}>
                    <ProjectLink book={book} project={tender.project} />
                  </Fact>
                  {owner && (
                    <Fact name={t.owner}>
                      <Who value={owner} />
                    </Fact>
                  )}
                  <Fact name={t.deadline}>{date(tender.deadline)}</Fact>
                  <Fact name={t.openingUntil}>{date(tender.openingUntil)}</Fact>
                  {!isZero(tender.documents) && (
                    <Fact name={t.documents}>
                      <Hash value={tender.documents} what={t.documents} />
                    </Fact>
                  )}
                  {!isZero(tender.awarded) && (
                    <Fact name={t.winner}>
                      <Who value={tender.awarded} />{" "}
                      <Proof hash={proof(book, "TenderAwarded", { tender: number })} what={t.winner} />
                    </Fact>
                  )}
                  {deal && (
                    <Fact name={t.contract}>
                      <Link to={`/works/payments/${deal.number}`}>
                        {strings.payments.contract(deal.number)}
                      </Link>
                    </Fact>
                  )}
                </Facts>
              </Card>
              <Card title={t.bids}>
                {at === "bidding" && <p className="consequence">{t.sealedText}</p>}
                {at === "opening" && <p className="consequence">{t.openingText}</p>}
                {offers.length === 0 ? (
                  <Empty title={t.noBids}>
                    <p>{t.noBidsText}</p>
                  </Empty>
                ) : (
                  <>
                    <Scatter offers={offers} awarded={tender.awarded} />
                    <Table
                      caption={`${t.bids} ${t.tender(number)}`}
                      rows={offers.map((offer, place) => ({ offer, place: place + 1 }))}
                      id={({ offer }) => offer.bidder}
                      empty={{ title: t.noBids, text: t.noBidsText }}
                      columns={[
                        {
                          head: t.bidder,
                          cell: ({ offer, place }) => (
                            <>
                              {place}. <Who value={offer.bidder} me={me} />{" "}
                              {same(offer.bidder, tender.awarded) && <Badge tone="good">{t.winner}</Badge>}
                            </>
                          ),
                          text: ({ offer }) => offer.bidder,
                        },
                        {
                          head: t.price,
                          cell: ({ offer }) =>
                            offer.said === undefined ? (
                              <Badge tone="wait">{at === "bidding" ? t.sealed : t.notOpened}</Badge>
                            ) : offer.said.price === undefined ? (
                              <Said text={offer.said.text} max={60} />
                            ) : (
                              <span title={plain(offer.said.text, 400)}>{money(offer.said.price)}</span>
                            ),
                          text: ({ offer }) =>
                            offer.said?.price === undefined
                              ? (offer.said?.text ?? "")
                              : plainMoney(offer.said.price),
                          right: true,
                        },
                        {
                          head: t.bid,
                          cell: ({ offer }) =>
                            offer.said ? (
                              <Said text={offer.said.text} max={60} />
                            ) : (
                              <span className="muted">–</span>
                            ),
                          text: ({ offer }) => offer.said?.text ?? "",
                          wide: true,
                        },
                        {
                          head: t.credit,
                          cell: ({ offer }) => (
                            <Link to={`/works/credit/${offer.bidder}`}>
                              {format.count(offer.score?.afterFlags ?? 0n)}{" "}
                              {offer.score && text(offer.score.grade) !== "NR"
                                ? text(offer.score.grade)
                                : t.notRated}
                            </Link>
                          ),
                          text: ({ offer }) => String(offer.score?.afterFlags ?? ""),
                          wide: true,
                        },
                        {
                          head: t.made,
                          cell: ({ offer }) => <Time ms={Number(offer.madeAt) * 1000} />,
                          text: ({ offer }) => iso(offer.madeAt),
                          wide: true,
                        },
                        {
                          head: t.commitment,
                          cell: ({ offer }) => <Hash value={offer.commitment} what={t.commitment} />,
                          text: ({ offer }) => offer.commitment,
                          wide: true,
                        },
                        {
                          head: strings.transaction,
                          cell: ({ offer }) => <Proof hash={offer.transaction} what={t.bid} />,
                          text: ({ offer }) => offer.transaction ?? "",
                          wide: true,
                        },
                      ]}
                    />
                  </>
                )}
                {at === "opening" &&
                  (me ? (
                    <Reveal key={String(tender.number)} tender={tender} offers={offers} sign={sign} />
                  ) : (
                    <p className="muted">{t.revealSignedOut}</p>
                  ))}
                {mayAward && me && owner && same(owner, me) && (
                  <Award tender={tender} offers={offers} sign={sign} />
                )}
              </Card>
            </>
          );
        }}
      </Asked>
      {dialog}
    </>
  );
}
