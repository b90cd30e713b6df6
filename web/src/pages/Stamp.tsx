import { Title } from "../parts/basics";
import { strings } from "../strings";

export default function StampPage() {
  return <Title text={strings.stamp.title} />;
}
