import { useMutation, useQueryClient } from "@tanstack/react-query";
import { KeyRound, ShieldCheck, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useLocation } from "react-router";
import { api, expected } from "../../api/client";
import { useMe } from "../../api/session";
import { Button, Field, Segments } from "../../ui/kit";
import { Switches, Wordmark } from "../../ui/Shell";
import { Trouble } from "../../ui/say";

type Mode = "in" | "up";
const SHORTEST_PASSWORD = 10;

export function SignIn() {
  const { t } = useTranslation();
  const me = useMe();
  const from = (useLocation().state as { from?: string } | null)?.from ?? "/voices";
  if (me.data) {
    return <Navigate to={from} replace />;
  }
  return (
    <main className="welcome" id="main">
      <div className="welcome-corner">
        <Switches />
      </div>
      <div className="welcome-words">
        <Wordmark />
        <h1>{t("welcome.title")}</h1>
        <p className="lead">{t("welcome.lead")}</p>
        <Timbre />
        <ul className="promises">
          <li>
            <ShieldCheck className="icon" aria-hidden />
            {t("welcome.sealed")}
          </li>
          <li>
            <KeyRound className="icon" aria-hidden />
            {t("welcome.consent")}
          </li>
          <li>
            <Trash2 className="icon" aria-hidden />
            {t("welcome.delete")}
          </li>
        </ul>
      </div>
      <Entrance />
    </main>
  );
}

function Entrance() {
  const { t } = useTranslation();
  const [mode, setMode] = useState<Mode>("in");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [name, setName] = useState("");
  const cache = useQueryClient();
  const enter = useMutation({
    mutationFn: async () => {
      if (mode === "up") {
        await expected(api.POST("/v1/accounts", { body: { email, password, display_name: name } }));
      }
      await expected(api.POST("/v1/sessions", { body: { email, password } }));
      await cache.invalidateQueries({ queryKey: ["me"] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    enter.mutate();
  };
  return (
    <form className="sheet stack" onSubmit={submit} aria-label={t(`welcome.${mode}`)}>
      <Segments<Mode>
        label={t("welcome.mode")}
        choices={[
          { id: "in", label: t("welcome.in") },
          { id: "up", label: t("welcome.up") },
        ]}
        value={mode}
        onChange={setMode}
      />
      {mode === "up" && (
        <Field
          label={t("welcome.name")}
          value={name}
          onChange={setName}
          autoComplete="name"
          isRequired
          maxLength={100}
        />
      )}
      <Field
        label={t("welcome.email")}
        type="email"
        value={email}
        onChange={setEmail}
        autoComplete="email"
        isRequired
      />
      <Field
        label={t("welcome.password")}
        type="password"
        value={password}
        onChange={setPassword}
        autoComplete={mode === "up" ? "new-password" : "current-password"}
        isRequired
        {...(mode === "up" ? { minLength: SHORTEST_PASSWORD, hint: t("welcome.passwordHint") } : {})}
      />
      <Trouble error={enter.error} />
      <Button look="primary" type="submit" isDisabled={enter.isPending}>
        {t(mode === "up" ? "welcome.create" : "welcome.in")}
      </Button>
    </form>
  );
}

/** The house's picture: one tone and its overtones. */
function Timbre() {
  const curve = (overtone: number, height: number) =>
    Array.from({ length: 121 }, (_, at) => {
      const x = at / 120;
      const envelope = Math.sin(Math.PI * x) ** 2;
      const y = 60 - Math.sin(2 * Math.PI * 2.5 * overtone * x) * height * envelope;
      return `${at === 0 ? "M" : "L"}${(x * 480).toFixed(1)} ${y.toFixed(1)}`;
    }).join("");
  return (
    <svg className="timbre" viewBox="0 0 480 120" fill="none" stroke="currentColor" aria-hidden="true">
      <path d={curve(1, 50)} strokeWidth="2.5" />
      <path d={curve(2, 28)} strokeWidth="1.5" opacity="0.6" />
      <path d={curve(3, 17)} strokeWidth="1.2" opacity="0.4" />
      <path d={curve(5, 10)} strokeWidth="1" opacity="0.3" />
    </svg>
  );
}
