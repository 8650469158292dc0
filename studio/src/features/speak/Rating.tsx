import { useMutation } from "@tanstack/react-query";
import { Star, ThumbsDown, ThumbsUp } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Label, Radio, RadioGroup, ToggleButton } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { api, expected, type Schemas } from "../../api/client";
import { Button, Field } from "../../ui/kit";
import { Trouble } from "../../ui/say";
import { useTell } from "../../ui/toast";

type Rated = Pick<Schemas["Generation"], "rating" | "thumb" | "rating_reason">;

interface RatingProps {
  id: string;
  rated?: Rated;
}

const STARS = [1, 2, 3, 4, 5] as const;
const SATISFIED = 4;
const NOTHING: Rated = { rating: null, thumb: null, rating_reason: null };

/** A thumb, or one to five stars; whoever is not satisfied is asked why. */
export function Rating({ id, rated = NOTHING }: RatingProps) {
  const { t } = useTranslation();
  const tell = useTell();
  const [given, setGiven] = useState(rated);
  const [reason, setReason] = useState(rated.rating_reason ?? "");
  const [asked, setAsked] = useState(false);
  const rate = useMutation({
    mutationFn: ({ rating, thumb, rating_reason }: Rated) =>
      expected(
        api.PUT("/v1/history/{generation_id}/rating", {
          params: { path: { generation_id: id } },
          body: { rating, thumb, reason: rating_reason },
        }),
      ),
    onSuccess: (_, now) => {
      // Whoever is asked for a reason is thanked once it is there; taking a thumb back is thanked by nobody.
      if (now.rating_reason || pleased(now)) {
        tell(t("rating.thanks"));
      }
    },
  });
  const give = (change: Partial<Rated>) => {
    const now = { ...given, ...change };
    setGiven(now);
    setAsked(!("rating_reason" in change) && displeased(now));
    rate.mutate(now);
  };
  const explain = (event: FormEvent) => {
    event.preventDefault();
    give({ rating_reason: reason.trim() || null });
  };
  return (
    <div className="rating" tabIndex={-1}>
      <div className="row close end">
        <RadioGroup
          className="stars"
          orientation="horizontal"
          value={given.rating ? String(given.rating) : null}
          onChange={(value) => give({ rating: Number(value) })}
        >
          <Label className="small soft">{t("rating.label")}</Label>
          {STARS.map((star) => (
            <Radio
              key={star}
              value={String(star)}
              className={star <= (given.rating ?? 0) ? "lit" : ""}
              aria-label={t("rating.stars", { count: star })}
            >
              <Star className="icon" aria-hidden />
            </Radio>
          ))}
        </RadioGroup>
        <ToggleButton
          className="button bare round thumb"
          aria-label={t("rating.up")}
          isSelected={given.thumb === 1}
          onChange={(on) => give({ thumb: on ? 1 : null })}
        >
          <ThumbsUp className="icon" aria-hidden />
        </ToggleButton>
        <ToggleButton
          className="button bare round thumb"
          aria-label={t("rating.down")}
          isSelected={given.thumb === -1}
          onChange={(on) => give({ thumb: on ? -1 : null })}
        >
          <ThumbsDown className="icon" aria-hidden />
        </ToggleButton>
      </div>
      {asked && (
        <form className="row tight" onSubmit={explain}>
          <Field label={t("rating.why")} value={reason} onChange={setReason} maxLength={500} />
          <Button type="submit">{t("rating.send")}</Button>
        </form>
      )}
      <Trouble error={rate.error} onRetry={() => rate.variables && rate.mutate(rate.variables)} />
    </div>
  );
}

const pleased = ({ rating, thumb }: Rated) => (rating ? rating >= SATISFIED : thumb === 1);

const displeased = ({ rating, thumb }: Rated) => (rating ? rating < SATISFIED : thumb === -1);
