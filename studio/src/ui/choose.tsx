import { ChevronDown } from "lucide-react";
import {
  Button as AriaButton,
  Slider as AriaSlider,
  type Key,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select,
  SelectValue,
  SliderOutput,
  SliderThumb,
  SliderTrack,
} from "react-aria-components";
import type { ChoiceProps } from "./kit";

interface PickerProps<V extends string> extends ChoiceProps<V> {
  /** What stands there while nothing is chosen. */
  placeholder?: string;
}

export function Picker<V extends string>({
  label,
  choices,
  value,
  onChange,
  placeholder = "",
}: PickerProps<V>) {
  return (
    <Select
      className="field"
      value={value}
      placeholder={placeholder}
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
