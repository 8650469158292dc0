import { useMutation } from "@tanstack/react-query";
import { Star } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Label, Radio, RadioGroup } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { api, expected, type Schemas } from "../../api/client";
import { Button, Field } from "../../ui/kit";
import { Trouble } from "../../ui/say";
import { useTell } from "../../ui/toast";

interface RatingProps {
  id: string;
  rated?: Pick<Schemas["Generation"], "rating" | "rating_reason">;
}

const STARS = [1, 2, 3, 4, 5] as const;
const SATISFIED = 4;

/** One to five stars; whoever is not satisfied is asked why. */
export function Rating({ id, rated }: RatingProps) {
  const { t } = useTranslation();
  const tell = useTell();
  const [stars, setStars] = useState(rated?.rating ?? 0);
  const [reason, setReason] = useState(rated?.rating_reason ?? "");
  const [asked, setAsked] = useState(false);
  const rate = useMutation({
    mutationFn: (body: Schemas["Rating"]) =>
      expected(
        api.PUT("/v1/history/{generation_id}/rating", { params: { path: { generation_id: id } }, body }),
      ),
    onSuccess: (_, { rating, reason }) => {
      // Whoever is asked for a reason is thanked once it is there.
      if ((rating ?? 0) >= SATISFIED || reason) {
        tell(t("rating.thanks"));
      }
    },
  });
  const choose = (value: string) => {
    const rating = Number(value);
    setStars(rating);
    setAsked(rating < SATISFIED);
    rate.mutate({ rating });
  };
  const explain = (event: FormEvent) => {
    event.preventDefault();
    setAsked(false);
    rate.mutate({ rating: stars, ...(reason.trim() && { reason: reason.trim() }) });
  };
  return (
    <div className="rating">
      <RadioGroup
        className="stars"
        orientation="horizontal"
        value={stars ? String(stars) : null}
        onChange={choose}
      >
        <Label className="small soft">{t("rating.label")}</Label>
        {STARS.map((star) => (
          <Radio
            key={star}
            value={String(star)}
            className={star <= stars ? "lit" : ""}
            aria-label={t("rating.stars", { count: star })}
          >
            <Star className="icon" aria-hidden />
          </Radio>
        ))}
      </RadioGroup>
      {asked && (
        <form className="row tight" onSubmit={explain}>
          <Field label={t("rating.why")} value={reason} onChange={setReason} maxLength={500} />
          <Button type="submit">{t("rating.send")}</Button>
        </form>
      )}
      <Trouble error={rate.error} />
    </div>
  );
}
