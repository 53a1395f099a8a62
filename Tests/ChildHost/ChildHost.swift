import Platform

/// A small host for tests, by its first argument:
/// `launch PROGRAM …` starts the program, prints what that prints, and waits to be killed;
/// `record FILE PROGRAM …` does the same, and keeps a record of it;
/// `paced PROGRAM …` takes its output at a server's pace and prints: lines handed on, lines left
/// out, how often that was told, how it ended, and the pages that this host has grown by;
/// `signals` prints each signal that it hears, and ends at the second stop;
/// `pipe` prints for ever, and ends with code 9 when nobody reads.
@main struct ChildHost {
    static func main() async {
        let words = Array(CommandLine.arguments.dropFirst())
        switch words.first {
        case "launch": await launch(Array(words.dropFirst()))
        case "record" where words.count > 2:
            await launch(Array(words.dropFirst(2)), record: words[1])
        case "paced": await pace(Array(words.dropFirst()))
        case "signals": listen()
        case "pipe": printForEver()
        default: say("launch, record, paced, signals or pipe")
        }
    }

    private static func say(_ line: String) {
        StandardOutput.write(line: line)
        StandardOutput.flush()
    }

    private static func launch(_ arguments: [String], record: String? = nil) async {
        var launch = ProcessLaunch(arguments: arguments, environment: [:], grace: 200_000_000)
        launch.record = record
        let nursery = ProcessNursery()
        do throws(ProcessLaunchError) {
            let child = try await nursery.launch(launch, onLine: { say($0.text) })
            _ = await child.waitForExit()
        } catch {
            say("\(error)")
        }
    }

    private static func pace(_ arguments: [String]) async {
        var launch = ProcessLaunch(arguments: arguments, environment: [:])
        launch.pace = .server
        let nursery = ProcessNursery()
        let lines = Locked<(kept: Int, left: Int, told: Int)>((0, 0, 0))
        let before = ownPages()
        do throws(ProcessLaunchError) {
            let child = try await nursery.launch(
                launch,
                onLine: { line in
                    lines.withLock { lines in
                        guard line.stream == .host else { return lines.kept += 1 }
                        let count = line.text.split(separator: " ")[2].filter { $0 != "," }
                        lines.told += 1
                        lines.left += Int(count) ?? 0
                    }
                })
            let exit = await child.waitForExit()
            let counts = lines.withLock { $0 }
            let grown = ownPages() - before
            say("\(counts.kept) \(counts.left) \(counts.told) \(grown) \(exit)")
        } catch {
            say("\(error)")
        }
    }

    private static func listen() {
        let heard = Mailbox<HostSignal>(capacity: 8)
        Signals.listen { _ = heard.offer($0) }
        say("ready")
        while let signal = heard.take(max: 1).first {
            say("\(signal)")
            if signal == .forceStop { return }
        }
    }

    private static func printForEver() {
        Signals.ignoreBrokenPipes()
        while !StandardOutput.isGone { StandardOutput.write(line: "a line") }
        exitWithNine()
    }
}
