//! In which form the media of a recording are wanted.

use std::str::FromStr;

use crate::error::Error;

/// A form that the published API makes. It takes a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are what they are called")]
pub enum MediaFormat {
    Wav,
    Webm,
    WavUlaw,
    OggVorbis,
    OggOpus,
    Mp3,
}

impl MediaFormat {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Wav, Self::Webm, Self::WavUlaw, Self::OggVorbis, Self::OggOpus, Self::Mp3];

    /// The API's word, which is also what users type.
    pub fn word(self) -> &'static str {
        match self {
            Self::Wav => "WAV",
            Self::Webm => "WEBM",
            Self::WavUlaw => "WAV_ULAW",
            Self::OggVorbis => "OGG_VORBIS",
            Self::OggOpus => "OGG_OPUS",
            Self::Mp3 => "MP3",
        }
    }
}

impl FromStr for MediaFormat {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|format| format.word() == word).ok_or_else(|| {
            let words = Self::ALL.map(Self::word).join(", ");
            Error::Config(format!("media must be one of {words}."))
        })
    }
}
