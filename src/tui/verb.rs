//! Everything that an operator can do in the room, as one enum. Keys, mouse and palette all name a verb, so there is one
//! place where a verb is described and one where it is performed.

/// Something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// A verb without a number.
    Plain(Plain),
    /// Moves the focus to the pane with this number, from 1 to 9.
    FocusPane(u8),
    /// Chooses the answer with this number, from 1 to 9.
    Choose(u8),
}

macro_rules! plain_verbs {
    ($($variant:ident = $name:literal, $help:literal;)+) => {
        /// A verb without a number.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Plain { $(#[doc = $help] $variant),+ }

        impl Plain {
            /// Every one, in the order in which the palette lists them.
            pub const ALL: &'static [Plain] = &[$(Plain::$variant),+];

            fn name(self) -> &'static str {
                match self { $(Plain::$variant => $name),+ }
            }

            fn help(self) -> &'static str {
                match self { $(Plain::$variant => $help),+ }
            }
        }
    };
}

plain_verbs! {
    AnswerNext = "answer-next", "answer the most valuable waiting question";
    NextAttention = "next-attention", "go to the next agent that needs attention";
    PreviousAttention = "previous-attention", "go to the previous agent that needs attention";
    FocusNext = "focus-next", "move to the next region";
    FocusPrevious = "focus-previous", "move to the previous region";
    FocusBoard = "focus-board", "go to the board";
    FocusPanes = "focus-panes", "go to the agents' panes";
    FocusInbox = "focus-inbox", "go to the inbox";
    Up = "up", "move up";
    Down = "down", "move down";
    Left = "left", "move left";
    Right = "right", "move right";
    First = "first", "go to the beginning";
    Last = "last", "go to the end";
    Open = "open", "open the selected agent, card or question";
    Back = "back", "go back, close what lies on top";
    PickUp = "pick-up", "pick up the selected card, to move it";
    Drop = "drop", "drop the held card where it is";
    PutBack = "put-back", "put the held card back";
    Undo = "undo", "take back the last edit of the plan";
    Redo = "redo", "make the edit again that was taken back";
    DropAllTheSame = "drop-all-the-same", "drop it in spite of that, and say why";
    Mark = "mark", "mark the selected card, to move several together";
    ToggleSubject = "toggle-subject", "show a plan of tasks, or agents again";
    Plans = "plans", "choose the plan that the board shows";
    Drift = "drift", "list where document and plan disagree";
    Balance = "balance", "mark one task of each track, safe together";
    Reason = "reason", "say why the selected task stands there";
    ToggleLock = "toggle-lock", "hold the selected task there, or let go";
    SavePlan = "save-plan", "save the waves of the board as a plan";
    Accept = "accept", "make the plan say what the document says";
    AcceptAll = "accept-all", "the same for every row";
    WriteBack = "write-back", "make the document say what the plan does";
    WriteBackAll = "write-back-all", "the same for every row";
    Filter = "filter", "show only cards that match a text";
    ToggleWave = "toggle-wave", "unfold or fold the selected wave";
    ToggleTrack = "toggle-track", "unfold or fold the selected track";
    ToggleDensity = "toggle-density", "lay the cards close, or roomy again";
    Explain = "explain", "explain where the selected agent stands";
    Findings = "findings", "list what was found in the files";
    NewWave = "new-wave", "draft the next wave in a form, or go on with it";
    NextQuestion = "next-question", "go to the next question of the form";
    PreviousQuestion = "previous-question", "go to the question before";
    FormQuestions = "form-questions", "go to the questions of the form";
    FormPreview = "form-preview", "go to the file that would be written";
    FormFindings = "form-findings", "go to what is found in the draft";
    DefaultAnswer = "default-answer", "take the default answer again";
    WriteWave = "write-wave", "write the drafted wave, after asking";
    DiscardDraft = "discard-draft", "throw the draft away, after asking";
    LaunchWave = "launch-wave", "run the selected wave, after asking";
    LaunchWaveLocal = "launch-wave-local", "run it on simulated agents, after asking";
    LaunchAll = "launch-all", "run all waves not closed, after asking";
    Cancel = "cancel", "end the agent's attempt, after asking";
    Zoom = "zoom", "show one pane alone, or all again";
    Pin = "pin", "keep the focused pane in its place";
    MorePanes = "more-panes", "show one pane more";
    FewerPanes = "fewer-panes", "show one pane less";
    PageUp = "page-up", "scroll back by a page";
    PageDown = "page-down", "scroll forward by a page";
    ScrollUp = "scroll-up", "scroll back by a few lines";
    ScrollDown = "scroll-down", "scroll forward by a few lines";
    LeavePane = "leave-pane", "stop typing into the agent";
    NextPane = "next-pane", "move to the next pane";
    PreviousPane = "previous-pane", "move to the previous pane";
    ClosePane = "close-pane", "end the plain terminal, after asking";
    Send = "send", "send the answer";
    NewLine = "new-line", "begin a new line in the answer";
    Confirm = "confirm", "do what is asked about";
    Palette = "palette", "list every verb";
    Help = "help", "list the keys";
    Notices = "notices", "list what was noticed";
    CopyPane = "copy-pane", "copy the text of the focused pane";
    NextTheme = "next-theme", "change the colours: take the next theme";
    Redraw = "redraw", "draw the whole screen again";
    Quit = "quit", "leave the room; agents go on";
}

const FOCUS_PANE: [&str; 9] = [
    "focus-pane-1",
    "focus-pane-2",
    "focus-pane-3",
    "focus-pane-4",
    "focus-pane-5",
    "focus-pane-6",
    "focus-pane-7",
    "focus-pane-8",
    "focus-pane-9",
];
const CHOOSE: [&str; 9] = [
    "choose-1", "choose-2", "choose-3", "choose-4", "choose-5", "choose-6", "choose-7", "choose-8",
    "choose-9",
];

impl Verb {
    /// Every verb, in the order in which the palette lists them.
    pub fn all() -> impl Iterator<Item = Verb> {
        Plain::ALL
            .iter()
            .map(|plain| Verb::Plain(*plain))
            .chain((1..=9).map(Verb::FocusPane))
            .chain((1..=9).map(Verb::Choose))
    }

    /// Its name, as keymap and palette write it.
    pub fn name(self) -> &'static str {
        match self {
            Verb::Plain(plain) => plain.name(),
            Verb::FocusPane(number) => numbered(&FOCUS_PANE, number),
            Verb::Choose(number) => numbered(&CHOOSE, number),
        }
    }

    /// What it does, as a clause.
    pub fn help(self) -> &'static str {
        match self {
            Verb::Plain(plain) => plain.help(),
            Verb::FocusPane(_) => "go to the pane with this number",
            Verb::Choose(_) => "give the answer with this number",
        }
    }

    /// Reads a name; `None` for any other text.
    pub fn from_name(name: &str) -> Option<Verb> {
        Verb::all().find(|verb| verb.name() == name)
    }
}

/// Numbers out of range take the last name: the constructors here never make one.
fn numbered(names: &'static [&'static str; 9], number: u8) -> &'static str {
    names[usize::from(number.clamp(1, 9)) - 1]
}

#[cfg(test)]
mod tests {
    use super::Verb;

    #[test]
    fn every_name_is_read_back_as_its_verb() {
        for verb in Verb::all() {
            assert_eq!(Verb::from_name(verb.name()), Some(verb), "{}", verb.name());
            assert!(!verb.help().is_empty());
        }
        assert_eq!(Verb::from_name("dance"), None);
    }
}
