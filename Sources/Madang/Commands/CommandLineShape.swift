import Platform
import StrategyServers

/// What can be typed behind `madang`.
enum CommandLineShape {
    static let root = Command(
        "madang", "madang \(Version.text): a host for trading strategies",
        examples: ["madang run -c examples/demo/ticks.yaml", "madang run --help"],
        subcommands: [
            Command(
                "run", "Runs the strategies of a configuration on its feeds.",
                examples: ["madang run -c examples/demo/ticks.yaml --fresh --summary summary.json"],
                options: [config, fresh, plain, quiet, json, summary]),
            Command(
                "backtest", "Runs a configuration on its recordings, and says what came of it.",
                examples: [
                    "madang backtest -c madang.yaml --report report.html",
                    "madang backtest -c madang.yaml --trades trades.csv",
                    "madang backtest -c madang.yaml --json --quiet",
                    "madang backtest --sweep fast=5..20,slow=20..60:10 --split 2026-11-01",
                ],
                options: [
                    config, report, trades, split, sweep, by, top, combinations, keep, quiet, json,
                ]),
            Command(
                "config", "Checks a configuration, or shows what is in force.",
                examples: ["madang config check -c madang.yaml"],
                subcommands: [
                    Command(
                        "check", "Says whether a configuration is good, and where it is not.",
                        examples: ["madang config check -c madang.yaml"], options: [config, json]),
                    Command(
                        "show",
                        "Shows the configuration in force: defaults marked, secrets masked.",
                        examples: ["madang config show -c madang.yaml --json"],
                        options: [config, json]),
                ]),
            Command(
                "strategy",
                "Strategies that come with the host, strategy servers, and their versions.",
                examples: [
                    "madang strategy list", "madang strategy release model",
                    "madang strategy promote model",
                ],
                subcommands: [
                    Command(
                        "check", "Holds a strategy server against the contract, in any language.",
                        examples: [
                            "madang strategy check unix:/run/me/model.sock",
                            "madang strategy check --only same-again --launch python model.py",
                            "madang strategy check --list --json",
                        ], options: [list, only, set, json, launch], arguments: [address]),
                    Command(
                        "lookahead",
                        "Finds whether a server's results depend on the future, the clock, or chance.",
                        examples: [
                            "madang strategy lookahead --data day.csv.gz unix:/run/me/model.sock",
                            "madang strategy lookahead -c madang.yaml --launch python model.py",
                        ],
                        options: [
                            config, data, interval, symbol, market, cuts, events, allow, set, json,
                            launch,
                        ], arguments: [address]),
                    Command(
                        "compare", "Tells where two versions of a strategy differ.",
                        examples: ["madang strategy compare model --json"],
                        options: [config, run, json], arguments: [strategy]),
                    Command(
                        "deploy",
                        "Brings a new version of a strategy server into the run, as its candidate.",
                        examples: [
                            "madang strategy deploy model --launch python model_next.py",
                            "madang strategy deploy model --share 10% unix:/run/me/next.sock",
                        ], options: [config, share, newSet, reason, json, newLaunch],
                        arguments: [anyServer, newAddress]),
                    Command(
                        "list", "Lists built-in strategies, their parameters, defaults and ranges.",
                        examples: ["madang strategy list --json"], options: [json]),
                    Command(
                        "promote",
                        "Makes a strategy's candidate the version that is heard; stays so over restarts.",
                        examples: [
                            "madang strategy promote model",
                            "madang strategy promote model --share 10%",
                        ], options: [config, share, drop, reason, json], arguments: [strategy]),
                    Command(
                        "running", "Shows what votes in the run in hand, as it is set now.",
                        examples: ["madang strategy running -c madang.yaml --json"],
                        options: [config, json]),
                    Command(
                        "load",
                        "Brings strategies or rules into the run in hand, or changes those of the name.",
                        examples: [
                            "madang strategy load rsi", "madang strategy load dip.yaml --dry-run",
                        ], options: [config, dryRun, json], arguments: [piece]),
                    Command(
                        "set", "Changes a strategy or rule of the run in hand.",
                        examples: [
                            "madang strategy set cross fast=10 slow=40",
                            "madang strategy set dip when='close < 68000' --dry-run",
                        ], options: [config, dryRun, json], arguments: [name, assignments]),
                    Command(
                        "unload",
                        "Takes strategies or rules out of the run in hand; positions stay.",
                        examples: ["madang strategy unload rsi"],
                        options: [config, dryRun, json], arguments: [names]),
                    Command(
                        "release",
                        "Ends the quarantine of a strategy server: it is connected again.",
                        examples: ["madang strategy release model -c madang.yaml"],
                        options: [config, json], arguments: [server]),
                    Command(
                        "rollback", "Makes a strategy's main version the one that is heard again.",
                        examples: ["madang strategy rollback model --reason \"too many sells\""],
                        options: [config, drop, reason, json], arguments: [strategy]),
                    Command(
                        "versions", "Shows which version of a strategy is heard, and where.",
                        examples: ["madang strategy versions model"], options: [config, json],
                        arguments: [strategy]),
                ]),
            Command(
                "rules", "The rules of the run in hand.",
                examples: ["madang rules reload rules.yaml --dry-run"],
                subcommands: [
                    Command(
                        "reload",
                        "Makes the rules of the run in hand those of a file: others go.",
                        examples: [
                            "madang rules reload", "madang rules reload rules.yaml --dry-run",
                        ],
                        options: [config, dryRun, json], arguments: [rulesFile])
                ]),
            risk,
            Command(
                "indicators", "Calculates indicators for a file, so that anybody can compare.",
                examples: [
                    "madang indicators bars.csv --of sma:20,rsi:14,macd:12:26:9 --csv",
                    "madang indicators --json",
                ], options: [indicators, csv, column, zone, json], arguments: [bars]),
            Command(
                "doctor",
                "Looks at configuration, feeds, servers, store, disk and clock, and changes nothing.",
                examples: [
                    "madang doctor -c madang.yaml", "madang doctor --json",
                    "madang doctor --send-test phone",
                ], options: [config, sendTest, json]),
            Command(
                "why", "Tells one decision from its event to its fills, or why there was no order.",
                examples: [
                    "madang why 12", "madang why 6f1c2ab0 --json",
                    "madang why 005930@10:31:06", "madang why 005930@2026-11-20T10:31",
                ], options: [config, run, account, json], arguments: [order]),
            Command(
                "orders", "Shows orders and their state.",
                examples: ["madang orders -c madang.yaml --json"], options: [config, run, json]),
            Command(
                "order", "Open orders at brokers outside, and what you say of them.",
                examples: ["madang order list", "madang order resolve 12 --as none"],
                subcommands: [
                    Command(
                        "list", "Shows orders without a final answer; those in doubt first.",
                        examples: ["madang order list --json"], options: [config, run, json]),
                    Command(
                        "resolve",
                        "Says what became of an order in doubt, as you found it at the broker.",
                        examples: [
                            "madang order resolve 12 --as none",
                            "madang order resolve 12 --as 0000117057",
                        ], options: [config, run, found, json], arguments: [openOrder]),
                    Command(
                        "cancel", "Asks for the end of an open order.",
                        examples: ["madang order cancel 12"], options: [config, run, json],
                        arguments: [openOrder]),
                    Command(
                        "modify", "Asks for another price or quantity of an open limit order.",
                        examples: [
                            "madang order modify 12 --price 70100",
                            "madang order modify 12 --price 70100 --quantity 8",
                        ], options: [config, run, price, quantity, json], arguments: [openOrder]),
                ]),
            Command(
                "account", "Accounts at brokers outside.",
                examples: ["madang account release demo"],
                subcommands: [
                    Command(
                        "release", "Ends the lockdown of an account: it may open again.",
                        examples: ["madang account release demo"], options: [config, json],
                        arguments: [accountName])
                ]),
            positions,
            ledger,
            Command(
                "log", "The log of a run, which is what the tables are made from.",
                examples: ["madang log verify", "madang log show --order 3"],
                subcommands: [
                    Command(
                        "replay",
                        "Decides a run again from its recordings, and names where its log differs.",
                        examples: [
                            "madang log replay", "madang log replay -c other.yaml --run ID --json",
                        ], options: [config, run, json]),
                    Command(
                        "verify", "Reads every record, and says where the first damage is.",
                        examples: ["madang log verify --all --json"],
                        options: [config, run, allRuns, json]),
                    Command(
                        "show", "Prints a run's records, and what each says.",
                        examples: [
                            "madang log show --kind fill --limit 20",
                            "madang log show --order 3 --json",
                        ], options: [config, run, recordKind, ofOrder, fromRecord, limit, json]),
                ]),
            store,
            Command(
                "kill",
                "Stops whatever opens or adds to a position, and withdraws working buys; stays so over restarts.",
                examples: [
                    "madang kill --reason \"news at 14:00\"", "madang kill --off",
                    "madang kill --strategy cross", "madang kill --account demo --flatten --yes",
                ],
                options: [
                    config, killAccount, killStrategy, flatten, holdExits, yes, off, reason, json,
                ]),
            exits,
            Command(
                "sim", "Runs the path of orders under every fault, from seeds, and checks it.",
                examples: [
                    "madang sim", "madang sim --seeds 1..<100000",
                    "madang sim --seed 42 --history", "madang sim --seeds 500 --json",
                ],
                options: [seeds, seed, history, prints, without, skip, until, whole, json]),
            Command(
                "version", "Prints the version.", examples: ["madang version --json"],
                options: [json]),
        ])
}
