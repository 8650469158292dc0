import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, expected, type Schemas } from "../../api/client";
import { isKnown, remember } from "../../api/session";
import { Button, Field, Form, Segments } from "../../ui/kit";
import { Trouble } from "../../ui/say";

type Mode = "in" | "up";
const SHORTEST_PASSWORD = 10;

/** The form of those who come back, and of those who are new; a browser that is new here shows the second. */
export function Entrance({ door }: { door: Schemas["Entrance"] }) {
  const { t } = useTranslation();
  const [mode, setMode] = useState<Mode>(door.sign_up && !isKnown() ? "up" : "in");
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
      remember();
      // Everything: pages that were refused meanwhile are fetched again.
      await cache.invalidateQueries();
    },
  });
  const change = (to: Mode) => {
    enter.reset();
    setMode(to);
  };
  const words = { unauthenticated: t("welcome.wrong"), already_exists: t("welcome.taken") };
  return (
    <Form className="sheet stack" run={enter} aria-label={t(`welcome.${mode}`)}>
      {door.sign_up && (
        <Segments<Mode>
          label={t("welcome.mode")}
          choices={[
            { id: "up", label: t("welcome.up") },
            { id: "in", label: t("welcome.in") },
          ]}
          value={mode}
          onChange={change}
        />
      )}
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
      <Trouble error={enter.error} words={words} />
      <Button look="primary" type="submit" isPending={enter.isPending}>
        {t(mode === "up" ? "welcome.create" : "welcome.in")}
      </Button>
      {door.provider && (
        <a className="button quiet" href="/v1/oidc/login">
          {t("welcome.provider", { name: door.provider })}
        </a>
      )}
    </Form>
  );
}
