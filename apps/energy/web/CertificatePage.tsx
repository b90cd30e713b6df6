/** One certificate: what it stands for, what became of its Wh, and what its owner can do with them. */

import type { Hex } from "@commonhold/web/ledger/api";
import { Card, Empty, Fact, Facts, Hash, Time } from "@commonhold/web/parts/basics";
import { Table } from "@commonhold/web/parts/table";
import { asciiOf } from "@commonhold/web/text/safe";
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { isAddress } from "viem";
import { issued, lineage } from "./certifying";
import { type Certificate, type Stock, several } from "./law";
import {
  Asked,
  date,
  energy,
  iso,
  LOOK_MS,
  type Place,
  Proof,
  same,
  step,
  useCalled,
  useMembersOf,
  useSigning,
  Who,
  Within,
} from "./shared";
import { strings } from "./strings";

const t = strings.certificate;

interface Facing {
  place: Place;
  slot: bigint;
  index: number;
  certificate: Certificate;
  has: Stock;
}

function Act({ place, slot, index, has, sign }: Facing & { sign: ReturnType<typeof useSigning>["sign"] }) {
  const [whText, setWh] = useState(String(has.active));
  const [whom, setWhom] = useState("");
  const [whId, whomId] = [useId(), useId()];
  const members = useMembersOf(place.number);
  const called = useCalled(isAddress(whom) ? whom : "");
  const wh = /^\d{1,12}$/.test(whText) ? BigInt(whText) : 0n;
  const fits = wh > 0n && wh <= has.active;
  const others =
    members.data?.filter((one) => !place.session || !same(one.household, place.session.address)) ?? [];
  return (
    <Card title={t.act}>
      <p className="muted">{t.actText(energy(has.active))}</p>
      <div className="form">
        <div className="field">
          <label htmlFor={whId}>{t.howMuch}</label>
          <input
            id={whId}
            inputMode="numeric"
            value={whText}
            onChange={(event) => setWh(event.target.value)}
          />
          {!fits && <span className="error">{t.wrong(String(has.active))}</span>}
        </div>
        <div className="field">
          <label htmlFor={whomId}>{t.whom}</label>
          <select id={whomId} value={whom} onChange={(event) => setWhom(event.target.value)}>
            <option value="">{t.choose}</option>
            {others.map((one) => (
              <Option key={one.household} household={one.household} />
            ))}
          </select>
        </div>
        <div className="card-actions">
          <button
            type="button"
            className="button primary"
            disabled={!fits || whom === ""}
            onClick={() =>
              sign({
                action: t.give,
                step: step("transferCertificate", place.number, slot, index, whom, wh),
                effect: <p>{t.giveEffect(energy(wh), called, date(slot))}</p>,
              })
            }
          >
            {t.give}
          </button>
          <button
            type="button"
            className="button"
            disabled={!fits}
            onClick={() =>
              sign({
                action: t.claim,
                step: step("claim", place.number, slot, index, wh),
                effect: <p>{t.claimEffect(energy(wh), date(slot))}</p>,
              })
            }
          >
            {t.claim}
          </button>
        </div>
        <p className="muted">{t.claimText}</p>
      </div>
    </Card>
  );
}

function Option({ household }: { household: Hex }) {
  return <option value={household}>{useCalled(household)}</option>;
}

function What({ certificate, index, slot }: Facing) {
  return (
    <Card title={t.what}>
      <Facts>
        <Fact name={t.energy}>{energy(issued(certificate.stock))}</Fact>
        <Fact name={t.when}>
          {date(slot)}, {t.minutes(Math.round(certificate.duration / 60))}
        </Fact>
        <Fact name={t.home}>
          <Who value={certificate.household} />
        </Fact>
        <Fact name={t.technology}>{asciiOf(certificate.technology) ?? t.solar}</Fact>
        <Fact name={t.issuer}>
          <Who value={certificate.issuer} />
        </Fact>
        <Fact name={t.expires}>{date(certificate.expires)}</Fact>
        <Fact name={t.id} hint={t.idHint(index, certificate.version)}>
          <Hash value={certificate.id} what={t.id} />
        </Fact>
      </Facts>
    </Card>
  );
}

function Became({ certificate, has }: Facing) {
  const names = ["active", "claimed", "expired", "withdrawn", "locked"] as const;
  return (
    <Card title={t.became}>
      <Table
        caption={t.became}
        rows={[...names]}
        id={(name) => name}
        empty={{ title: t.none }}
        columns={[
          {
            head: t.state,
            cell: (name) => (
              <>
                {t.states[name]} <span className="why">{t.stateHints[name]}</span>
              </>
            ),
            text: (name) => t.states[name],
          },
          {
            head: t.all,
            cell: (name) => energy(certificate.stock[name]),
            text: (name) => String(certificate.stock[name]),
            right: true,
          },
          {
            head: t.yours,
            cell: (name) => energy(has[name]),
            text: (name) => String(has[name]),
            right: true,
          },
        ]}
      />
    </Card>
  );
}

function Lineage({ place, slot, index }: Facing) {
  const query = useQuery({
    queryKey: ["energy", "lineage", String(place.number), String(slot), index],
    queryFn: () => lineage(place, slot, index),
    refetchInterval: LOOK_MS,
  });
  const wh = (values: Record<string, unknown>) => {
    const found = values["wh"] ?? values["issued"] ?? values["net"];
    return typeof found === "bigint" ? (found < 0n ? -found : found) : 0n;
  };
  const who = (values: Record<string, unknown>) => String(values["to"] ?? values["owner"] ?? "");
  return (
    <Card title={t.lineage}>
      <Asked query={query}>
        {(all) => (
          <Table
            caption={t.lineage}
            rows={all}
            id={(told) => `${told.block}-${told.index}`}
            empty={{ title: t.none }}
            columns={[
              {
                head: t.happened,
                cell: (told) => t.events[told.name as keyof typeof t.events] ?? told.name,
                text: (told) => told.name,
              },
              {
                head: t.energy,
                cell: (told) => energy(wh(told.values)),
                text: (told) => String(wh(told.values)),
                right: true,
              },
              {
                head: t.whose,
                cell: (told) =>
                  who(told.values) ? <Who value={who(told.values)} /> : <span className="muted">–</span>,
                text: (told) => who(told.values),
                wide: true,
              },
              {
                head: t.time,
                cell: (told) => <Time ms={told.timeMs} />,
                text: (told) => iso(told.timeMs / 1000),
                wide: true,
              },
              {
                head: strings.onLedger,
                cell: (told) => <Proof hash={told.transaction} what={t.happened} />,
                text: (told) => told.transaction,
              },
            ]}
          />
        )}
      </Asked>
    </Card>
  );
}

function Inside({ place, slot, index }: { place: Place; slot: bigint; index: number }) {
  const { sign, dialog } = useSigning();
  const who = place.session?.address ?? place.community.manager;
  const query = useQuery({
    queryKey: ["energy", "certificate", String(place.number), String(slot), index, who],
    queryFn: async () =>
      (await several<[Certificate, Stock]>("certificate", [[place.number, slot, index, who]]))[0] ?? null,
    refetchInterval: LOOK_MS,
  });
  return (
    <Asked query={query}>
      {(found) => {
        if (!found)
          return (
            <Card>
              <Empty title={t.missing}>
                <p>{t.missingText}</p>
              </Empty>
            </Card>
          );
        const facing = { place, slot, index, certificate: found[0], has: found[1] };
        return (
          <>
            <div className="columns">
              <What {...facing} />
              <Became {...facing} />
            </div>
            {place.session && found[1].active > 0n && (
              <Act key={String(found[1].active)} {...facing} sign={sign} />
            )}
            {dialog}
            <Lineage {...facing} />
          </>
        );
      }}
    </Asked>
  );
}

export function CertificatePage({ slot, index }: { slot: string; index: string }) {
  const fits = /^\d{1,12}$/.test(slot) && /^\d{1,6}$/.test(index);
  return (
    <Within title={t.title} lead={t.lead}>
      {(place) =>
        fits ? (
          <Inside place={place} slot={BigInt(slot)} index={Number(index)} />
        ) : (
          <Card>
            <Empty title={t.missing}>
              <p>{t.missingText}</p>
            </Empty>
          </Card>
        )
      }
    </Within>
  );
}
