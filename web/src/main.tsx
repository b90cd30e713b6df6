import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { start } from "./ledger/live";
import { start as witness } from "./ledger/witness";
import { App } from "./shell/App";
import "./styles/fonts.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/frame.css";
import "./styles/parts.css";
import "./styles/pages.css";

const root = document.getElementById("app");
if (!root) throw new Error("the document has no #app");
witness();
start();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
