-- It says which items; the gateway replays them and writes what became of them.
GRANT UPDATE (replay_state) ON quarantine TO sallyport_console;
