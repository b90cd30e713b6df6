/** *Join*: a home that was invited comes into a community with a meter of its own; whoever manages it invites. */
import type { Hex } from "@commonhold/web/ledger/api";
import { view } from "@commonhold/web/ledger/modules";
import { Card, Empty } from "@commonhold/web/parts/basics";
import { Link } from "@commonhold/web/shell/router";
import { plain } from "@commonhold/web/text/safe";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { isAddress, keccak256, stringToHex } from "viem";
import { events } from "./events";
import { Choice, Field } from "./fields";
import { tariffAt } from "./gathering";
import { micro } from "./Limits";
import { fees } from "./law";
import {
  Asked,
  amount,
  LOOK_MS,
  type Place,
  price,
  SignedOut,
  same,
  step,
  useSigning,
  useTo,
  useUnit,
  Within,
} from "./shared";
import { strings } from "./strings";

const t = strings.join;

type Signing = ReturnType<typeof useSigning>["sign"];

const NOTHING = `0x${"0".repeat(64)}` as const;
/** What is generated with, by the hash of its code, as the command line writes it. */
const TECHNOLOGIES = [
  ["none", NOTHING],
  ["solar", keccak256(stringToHex("solar"))],
  ["wind", keccak256(stringToHex("wind"))],
] as const;
/** Devices that are offered. */
const DEVICES_MAX = 25n;

interface Device {
  id: Hex;
  owner: Hex;
  model: string;
  revokedAt: bigint;
}

interface Standing {
  invited: boolean;
  devices: Device[];
}

async function standing({ number, session, history }: Place): Promise<Standing> {
  if (!session) return { invited: false, devices: [] };
  const [invitations, [ids]] = await Promise.all([
    events<{ household: Hex }>("Invited", number, session.address as Hex),
    view<[Hex[], bigint]>("devices", "devicesOf", session.address, 0n, DEVICES_MAX),
  ]);
  const taken = new Set(history.seats.map((seat) => seat.meter.toLowerCase()));
  const free = ids.filter((id) => !taken.has(id.toLowerCase()));
  const devices = await Promise.all(free.map((id) => view<Device>("devices", "device", id)));
  const own = devices.filter((device) => same(device.owner, session.address) && device.revokedAt === 0n);
  return { invited: invitations.length > 0, devices: own };
}

function Form({ place, devices, sign }: { place: Place; devices: Device[]; sign: Signing }) {
  const unit = useUnit();
  const { community, history, number } = place;
  const supplier = history.tariffs.at(-1)?.supplier;
  const tariff = supplier && tariffAt(history, supplier, community.next);
  const [meter, setMeter] = useState<string>(devices[0]?.id ?? "");
  const [fuseText, setFuse] = useState("11000");
  const [buyText, setBuy] = useState("");
  const [sellText, setSell] = useState("");
  const [technology, setTechnology] = useState<string>(NOTHING);
  const fuse = /^\d{1,7}$/.test(fuseText) && Number(fuseText) > 0 ? BigInt(fuseText) : undefined;
  const bounded = (text: string) => {
    const value = micro(text);
    const fits = value !== undefined && value <= community.ceiling && value >= -community.ceiling;
    return fits ? value : undefined;
  };
  const [buy, sell] = [bounded(buyText), bounded(sellText)];
  if (!supplier || !tariff)
    return (
      <Card>
        <Empty title={t.noSupplier}>
          <p>{t.noSupplierText}</p>
        </Empty>
      </Card>
    );
  const most = tariff.retail - fees(community.rules);
  const ready = meter !== "" && fuse !== undefined && buy !== undefined && sell !== undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready) return;
    sign({
      action: t.action,
      step: step("join", number, meter, Number(fuse), buy, sell, supplier, technology),
      effect: (
        <>
          <p>{t.effect(price(buy), price(sell))}</p>
          <p>{t.reserve(amount(fuse * community.ceiling), unit)}</p>
        </>
      ),
    });
  };
  return (
    <Card title={t.yours}>
      <p className="muted">{t.yoursText}</p>
      <form className="form wide-form" onSubmit={submit}>
        <Choice
          label={t.meter}
          value={meter}
          set={setMeter}
          all={devices.map(({ id, model }) => [id, `${plain(model, 40)} ${id.slice(0, 10)}…`] as const)}
        />
        <Field
          label={t.fuse}
          hint={t.fuseHint}
          text={fuseText}
          set={setFuse}
          wrong={fuse === undefined ? t.wrong : undefined}
        />
        <Field
          label={t.buy}
          hint={t.buyHint(price(most))}
          text={buyText}
          set={setBuy}
          wrong={buyText !== "" && buy === undefined ? t.wrong : undefined}
        />
        <Field
          label={t.sell}
          hint={t.sellHint(price(tariff.feedIn))}
          text={sellText}
          set={setSell}
          wrong={sellText !== "" && sell === undefined ? t.wrong : undefined}
        />
        <Choice
          label={t.technology}
          value={technology}
          set={setTechnology}
          all={TECHNOLOGIES.map(([name, hash]) => [hash, t.technologies[name]] as const)}
        />
        <button type="submit" className="button primary" disabled={!ready}>
          {t.action}
        </button>
      </form>
    </Card>
  );
}

function Invite({ place, sign }: { place: Place; sign: Signing }) {
  const [text, setText] = useState("");
  const ready = isAddress(text.trim(), { strict: false });
  return (
    <Card title={t.invite}>
      <form
        className="form wide-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!ready) return;
          sign(
            {
              action: t.inviteAction,
              step: step("invite", place.number, text.trim()),
              effect: <p>{t.inviteEffect}</p>,
            },
            () => setText(""),
          );
        }}
      >
        <Field
          label={t.whom}
          hint={t.whomHint}
          text={text}
          set={setText}
          wrong={text !== "" && !ready ? t.wrong : undefined}
        />
        <button type="submit" className="button primary" disabled={!ready}>
          {t.inviteAction}
        </button>
      </form>
    </Card>
  );
}

function Inside({ place }: { place: Place }) {
  const { sign, dialog } = useSigning();
  const to = useTo();
  const query = useQuery({
    queryKey: ["energy", "join", String(place.number), place.session?.address],
    queryFn: () => standing(place),
    refetchInterval: LOOK_MS,
  });
  if (!place.session) return <SignedOut />;
  const { address } = place.session;
  const inside = place.me && place.me.leaves === 0n;
  return (
    <>
      {place.isManager && <Invite place={place} sign={sign} />}
      {inside ? (
        <Card>
          <Empty title={t.member}>
            <p>{t.memberText}</p>
            <Link className="button" to={to("limits")}>
              {strings.tabs.limits}
            </Link>
          </Empty>
        </Card>
      ) : (
        <Asked query={query}>
          {({ invited, devices }) =>
            !invited ? (
              <Card>
                <Empty title={t.notInvited}>
                  <p>{t.notInvitedText}</p>
                  <code className="command">{address}</code>
                </Empty>
              </Card>
            ) : devices.length === 0 ? (
              <Card>
                <Empty title={t.noMeter}>
                  <p>{t.noMeterText}</p>
                  <code className="command">commonhold device enrol meter.key</code>
                </Empty>
              </Card>
            ) : (
              <Form place={place} devices={devices} sign={sign} />
            )
          }
        </Asked>
      )}
      {dialog}
    </>
  );
}

export function Join() {
  return (
    <Within title={t.title} lead={t.lead}>
      {(place) => <Inside place={place} />}
    </Within>
  );
}
