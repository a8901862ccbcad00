//! `waves.manifest.json` in the shape of `@chllming/wave-orchestration` 0.9.15.
