import type { ReactNode } from 'react';

/** Line drawings on a grid of 24, in the colour of the text around them. */
function Icon({ children, size = 20 }: { readonly children: ReactNode; readonly size?: number }) {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      {children}
    </svg>
  );
}

const microphone = (
  <>
    <rect x="9" y="3" width="6" height="11" rx="3" />
    <path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3" />
  </>
);

export const MicrophoneIcon = ({ size }: { readonly size?: number }) => (
  <Icon {...(size && { size })}>{microphone}</Icon>
);

export const MutedIcon = () => (
  <Icon>
    {microphone}
    <path d="M4 4l16 16" />
  </Icon>
);

export const HangUpIcon = () => (
  <Icon size={24}>
    <path d="M3.2 14.6c4.9-4.8 12.7-4.8 17.6 0 .5.5.5 1.3 0 1.8l-1.3 1.3c-.4.4-1 .5-1.5.2l-2.4-1.4a1.3 1.3 0 0 1-.6-1.3l.2-1.6a11 11 0 0 0-6.4 0l.2 1.6c.1.5-.2 1-.6 1.3l-2.4 1.4c-.5.3-1.1.2-1.5-.2l-1.3-1.3a1.3 1.3 0 0 1 0-1.8z" />
  </Icon>
);

export const StopIcon = () => (
  <Icon>
    <rect x="6" y="6" width="12" height="12" rx="2.5" />
  </Icon>
);

export const SendIcon = () => (
  <Icon>
    <path d="M12 19V5M6 11l6-6 6 6" />
  </Icon>
);

export const SettingsIcon = () => (
  <Icon>
    <path d="M4 7h9M19 7h1M4 17h1M11 17h9" />
    <circle cx="16" cy="7" r="2.5" />
    <circle cx="8" cy="17" r="2.5" />
  </Icon>
);

export const ModelsIcon = () => (
  <Icon>
    <rect x="7" y="7" width="10" height="10" rx="2" />
    <path d="M10 7V3.5M14 7V3.5M10 20.5V17M14 20.5V17M7 10H3.5M7 14H3.5M20.5 10H17M20.5 14H17" />
  </Icon>
);

export const SunIcon = () => (
  <Icon>
    <circle cx="12" cy="12" r="4" />
    <path d="M12 2.5V5M12 19v2.5M2.5 12H5M19 12h2.5M5.3 5.3L7 7M17 17l1.7 1.7M18.7 5.3L17 7M7 17l-1.7 1.7" />
  </Icon>
);

export const MoonIcon = () => (
  <Icon>
    <path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z" />
  </Icon>
);

export const ChevronIcon = () => (
  <Icon size={16}>
    <path d="M6 9l6 6 6-6" />
  </Icon>
);
