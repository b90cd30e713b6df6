import { Title } from "../parts/basics";
import { strings } from "../strings";

export default function KeysPage() {
  return <Title text={strings.keys.title} />;
}
