//! Maps and sets that are walked through in an order given by what was put into them and by nothing else, so that the same
//! inputs give the same frames in every run. Their keys are made by this server: nobody chooses keys that collide.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasherDefault;

/// A map.
pub(super) type Map<K, V> = HashMap<K, V, BuildHasherDefault<DefaultHasher>>;
/// A set.
pub(super) type Set<K> = HashSet<K, BuildHasherDefault<DefaultHasher>>;
