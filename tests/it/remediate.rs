//! Plans and their application, against an estate in memory: what fails, dies or moves, and what must never be deleted.

mod faults;
mod guards;
mod managed;
mod phases;
mod planning;
mod property;
mod restore;
mod sim;
mod sim_restore;
mod volumes;
