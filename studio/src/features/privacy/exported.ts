import { strToU8, type Zippable, zipSync } from "fflate";
import { api, expected, type Schemas } from "../../api/client";
import { refusalOf } from "../../api/problem";
import type { Voice } from "../../api/voices";

const PAGE = 200;

/** Everything of this account as one archive: what is known as JSON, recordings and utterances as audio. */
export async function exported(onProgress: (share: number) => void): Promise<Uint8Array<ArrayBuffer>> {
  const me = await expected(api.GET("/v1/me"));
  const voices = (await expected(api.GET("/v1/voices"))).items;
  const consents = (await expected(api.GET("/v1/consents"))).items;
  const receipts = (await expected(api.GET("/v1/receipts"))).items;
  const history = await wholeHistory();
  const recordings = await recordingsOf(voices);
  const audio = [...recordings.map(recorded), ...history.filter((item) => item.has_audio).map(utterance)];
  const files: Zippable = {
    "account.json": strToU8(JSON.stringify({ me, voices, recordings, consents, receipts, history }, null, 2)),
  };
  for (const [done, { name, address }] of audio.entries()) {
    onProgress(done / audio.length);
    files[name] = [await bytesAt(address), { level: 0 }];
  }
  return zipSync(files) as Uint8Array<ArrayBuffer>;
}

interface Audio {
  name: string;
  address: string;
}

function utterance(item: Schemas["Generation"]): Audio {
  return { name: `utterances/${item.id}.${item.format}`, address: `/v1/history/${item.id}/audio` };
}

type Recording = Schemas["Recording"] & { voice_id: string };

function recorded({ voice_id, id, media_type }: Recording): Audio {
  const name = `recordings/${voice_id}/${id}.${media_type.split("/")[1]}`;
  return { name, address: `/v1/voices/${voice_id}/recordings/${id}/audio` };
}

async function recordingsOf(voices: readonly Voice[]): Promise<Recording[]> {
  const found: Recording[] = [];
  for (const voice of voices.filter((one) => one.owned)) {
    const params = { path: { voice_id: voice.id } };
    const { items } = await expected(api.GET("/v1/voices/{voice_id}/recordings", { params }));
    found.push(...items.map((item) => ({ ...item, voice_id: voice.id })));
  }
  return found;
}

async function wholeHistory(): Promise<Schemas["Generation"][]> {
  const items: Schemas["Generation"][] = [];
  let before: string | null = null;
  do {
    const query: { limit: number; before?: string } = { limit: PAGE, ...(before && { before }) };
    const page: Schemas["History"] = await expected(api.GET("/v1/history", { params: { query } }));
    items.push(...page.items);
    before = page.next;
  } while (before !== null);
  return items;
}

async function bytesAt(address: string): Promise<Uint8Array> {
  const response = await fetch(address);
  if (!response.ok) {
    throw await refusalOf(response);
  }
  return new Uint8Array(await response.arrayBuffer());
}
