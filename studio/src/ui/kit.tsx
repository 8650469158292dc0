import { Check, Copy, Eye, EyeOff } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import {
  Button as AriaButton,
  Checkbox as AriaCheckbox,
  type ButtonProps,
  FieldError,
  Input,
  Label,
  ProgressBar,
  Text,
  TextField,
  ToggleButton,
  ToggleButtonGroup,
} from "react-aria-components";
import { useTranslation } from "react-i18next";
import { useCopy } from "./copy";

type Look = "primary" | "quiet" | "bare" | "record" | "harm";

export function Button({
  look = "quiet",
  round = false,
  ...props
}: ButtonProps & { look?: Look; round?: boolean }) {
  const kind = look === "harm" ? (round ? "bare harm" : "quiet harm") : look;
  return <AriaButton {...props} className={`button ${kind}${round ? " round" : ""}`} />;
}

interface FormProps {
  className: string;
  /** What it does. */
  run: { readonly isPending: boolean; readonly mutate: () => void };
  children: ReactNode;
  "aria-label"?: string;
}

/** A form that does one thing at a time: Enter in its only field would else do it again while it is under way. */
export function Form({ run, ...props }: FormProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!run.isPending) {
      run.mutate();
    }
  };
  return <form {...props} onSubmit={submit} />;
}

interface FieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  type?: "text" | "email" | "password" | "number";
  hint?: string;
  name?: string;
  autoComplete?: string;
  isRequired?: boolean;
  minLength?: number;
  maxLength?: number;
  placeholder?: string;
  /** Least value of a number. */
  least?: number;
}

export function Field({ label, hint, placeholder, least, onChange, type = "text", ...props }: FieldProps) {
  const { t } = useTranslation();
  const [revealed, setRevealed] = useState(false);
  // A complaint goes as soon as one begins to mend it. If it stayed until the field is left, leaving the field would
  // move the button that is being pressed.
  const [mending, setMending] = useState(false);
  // The browser words its complaints in its own language, which need not be the reader's.
  const wrong = ({ valueMissing, customError, typeMismatch, tooShort, rangeUnderflow }: ValidityState) => {
    if (valueMissing || customError) {
      return t("field.required");
    }
    if (typeMismatch) {
      return t("field.email");
    }
    if (tooShort) {
      return t("field.short", { count: props.minLength });
    }
    return rangeUnderflow ? t("field.least", { count: least }) : null;
  };
  return (
    <TextField
      {...props}
      type={revealed ? "text" : type}
      className="field"
      // The service takes blanks for nothing; the browser does not.
      validate={(value) =>
        props.isRequired && value !== "" && value.trim() === "" ? t("field.required") : null
      }
      onChange={(value) => {
        setMending(true);
        onChange(value);
      }}
    >
      <Label>{label}</Label>
      <div className="entry">
        <Input
          className="input"
          dir="auto"
          placeholder={placeholder ?? ""}
          onInvalid={() => setMending(false)}
          {...(least !== undefined && { min: least })}
        />
        {type === "password" && <Reveal shown={revealed} onChange={setRevealed} />}
      </div>
      {hint && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <FieldError className="wrong">
        {({ validationDetails, defaultChildren }) =>
          mending ? "" : (wrong(validationDetails) ?? defaultChildren)
        }
      </FieldError>
    </TextField>
  );
}

/** Shows a password to whoever types it: on a phone it is easily mistyped. */
function Reveal({ shown, onChange }: { shown: boolean; onChange: (shown: boolean) => void }) {
  const { t } = useTranslation();
  const Icon = shown ? EyeOff : Eye;
  return (
    <ToggleButton
      className="button bare round"
      aria-label={t("field.reveal")}
      isSelected={shown}
      onChange={onChange}
    >
      <Icon className="icon" aria-hidden />
    </ToggleButton>
  );
}

/** A value to be taken along, with a button that copies it. */
export function Copyable({ label, value, hint }: { label: string; value: string; hint?: string }) {
  const { t } = useTranslation();
  const copy = useCopy();
  return (
    <TextField className="field" isReadOnly value={value}>
      <Label>{label}</Label>
      <div className="row tight">
        <Input className="input" onFocus={(event) => event.currentTarget.select()} />
        <Button onPress={() => void copy(value)}>
          <Copy className="icon" aria-hidden />
          {t("common.copy")}
        </Button>
      </div>
      {hint && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
    </TextField>
  );
}

export interface Choice<V extends string> {
  id: V;
  label: string;
  note?: string;
}

export interface ChoiceProps<V extends string> {
  label: string;
  choices: readonly Choice<V>[];
  value: V | null;
  onChange: (value: V) => void;
}

export function Segments<V extends string>({ label, choices, value, onChange }: ChoiceProps<V>) {
  return (
    <ToggleButtonGroup
      aria-label={label}
      className="segments"
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={value === null ? [] : [value]}
      onSelectionChange={(keys) => {
        const [key] = keys;
        if (key !== undefined) {
          onChange(key as V);
        }
      }}
    >
      {choices.map((choice) => (
        <ToggleButton key={choice.id} id={choice.id} className="segment">
          {choice.label}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}

export function Tick({
  children,
  ...props
}: {
  children: ReactNode;
  isSelected: boolean;
  onChange: (on: boolean) => void;
}) {
  return (
    <AriaCheckbox {...props} className="check">
      <span className="box">
        <Check className="icon" aria-hidden />
      </span>
      <span>{children}</span>
    </AriaCheckbox>
  );
}

/** Progress, 0..1; null for work whose end is not in sight. */
export function Bar({ label, value, note }: { label: string; value: number | null; note?: string }) {
  const percent = value === null ? "" : `${Math.round(value * 100)} %`;
  return (
    <ProgressBar className="bar" isIndeterminate={value === null} value={(value ?? 0) * 100}>
      <div className="row apart small">
        <Label>{label}</Label>
        <span className="soft number">{note ?? percent}</span>
      </div>
      <div className="rail">
        <div className="fill" style={value === null ? {} : { width: `${value * 100}%` }} />
      </div>
    </ProgressBar>
  );
}
