import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, expected } from "../../api/client";
import type { Voice } from "../../api/voices";
import { Ask } from "../../ui/Ask";
import { Button, Field, Form } from "../../ui/kit";
import { Trouble } from "../../ui/say";
import { useTell } from "../../ui/toast";

export function Rename({ voice, icon }: { voice: Voice; icon: ReactNode }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState(voice.name);
  const tell = useTell();
  const cache = useQueryClient();
  const rename = useMutation({
    mutationFn: () =>
      expected(
        api.PATCH("/v1/voices/{voice_id}", {
          params: { path: { voice_id: voice.id } },
          body: { name },
        }),
      ),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: ["voices"] });
      tell(t("common.saved"));
      setOpen(false);
    },
  });
  const begin = () => {
    setName(voice.name);
    rename.reset();
    setOpen(true);
  };
  return (
    <>
      <Button onPress={begin}>
        {icon}
        {t("voice.rename")}
      </Button>
      <Ask title={t("voice.rename")} open={open} onClose={() => setOpen(false)}>
        <Form className="stack" run={rename}>
          <Field label={t("record.name")} value={name} onChange={setName} isRequired maxLength={100} />
          <Trouble error={rename.error} />
          <div className="row end">
            <Button onPress={() => setOpen(false)}>{t("common.cancel")}</Button>
            <Button look="primary" type="submit" isPending={rename.isPending}>
              {t("common.save")}
            </Button>
          </div>
        </Form>
      </Ask>
    </>
  );
}
