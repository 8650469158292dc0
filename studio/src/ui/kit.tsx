import { Check, ChevronDown } from "lucide-react";
import type { ReactNode } from "react";
import {
  Button as AriaButton,
  Checkbox as AriaCheckbox,
  Slider as AriaSlider,
  type ButtonProps,
  Dialog,
  FieldError,
  Heading,
  Input,
  type Key,
  Label,
  ListBox,
  ListBoxItem,
  Modal,
  ModalOverlay,
  Popover,
  ProgressBar,
  Select,
  SelectValue,
  SliderOutput,
  SliderThumb,
  SliderTrack,
  Text,
  TextField,
  ToggleButton,
  ToggleButtonGroup,
} from "react-aria-components";

type Look = "primary" | "quiet" | "bare" | "record" | "harm";

export function Button({
  look = "quiet",
  round = false,
  ...props
}: ButtonProps & { look?: Look; round?: boolean }) {
  const kind = look === "harm" ? "bare harm" : look;
  return <AriaButton {...props} className={`button ${kind}${round ? " round" : ""}`} />;
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
}

export function Field({ label, hint, placeholder, ...props }: FieldProps) {
  return (
    <TextField {...props} className="field">
      <Label>{label}</Label>
      <Input className="input" placeholder={placeholder ?? ""} />
      {hint && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <FieldError className="wrong" />
    </TextField>
  );
}

export interface Choice<V extends string> {
  id: V;
  label: string;
  note?: string;
}

interface ChoiceProps<V extends string> {
  label: string;
  choices: readonly Choice<V>[];
  value: V | null;
  onChange: (value: V) => void;
}

export function Picker<V extends string>({ label, choices, value, onChange }: ChoiceProps<V>) {
  return (
    <Select
      className="field"
      value={value}
      onChange={(key: Key | null) => key !== null && onChange(key as V)}
    >
      <Label>{label}</Label>
      <AriaButton className="picker">
        <SelectValue />
        <ChevronDown className="icon" aria-hidden />
      </AriaButton>
      <Popover className="popover">
        <ListBox items={choices}>
          {(choice) => (
            <ListBoxItem className="option" id={choice.id} textValue={choice.label}>
              <span>{choice.label}</span>
              {choice.note && <span className="small soft">{choice.note}</span>}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
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

interface SlideProps {
  label: string;
  value: number;
  from: number;
  to: number;
  step: number;
  show: (value: number) => string;
  onChange: (value: number) => void;
}

export function Slide({ label, value, from, to, step, show, onChange }: SlideProps) {
  return (
    <AriaSlider
      className="slider"
      minValue={from}
      maxValue={to}
      step={step}
      value={value}
      onChange={onChange}
    >
      <Label className="field-label">{label}</Label>
      <SliderOutput>{show(value)}</SliderOutput>
      <SliderTrack className="track">
        <SliderThumb className="thumb" />
      </SliderTrack>
    </AriaSlider>
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

export function Bar({ label, value, note }: { label: string; value: number; note?: string }) {
  return (
    <ProgressBar className="bar" value={value * 100}>
      <div className="row apart small">
        <Label>{label}</Label>
        <span className="soft number">{note ?? `${Math.round(value * 100)} %`}</span>
      </div>
      <div className="rail">
        <div className="fill" style={{ width: `${value * 100}%` }} />
      </div>
    </ProgressBar>
  );
}

interface SheetProps {
  title: string;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
}

export function Ask({ title, open, onClose, children }: SheetProps) {
  return (
    <ModalOverlay className="veil" isDismissable isOpen={open} onOpenChange={(on) => !on && onClose()}>
      <Modal className="dialog">
        <Dialog>
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
