import Platform

/// A small host for tests, by its first argument:
/// `launch PROGRAM …` starts the program, prints what that prints, and waits to be killed;
/// `record FILE PROGRAM …` does the same, and keeps a record of it;
/// `signals` prints each signal that it hears, and ends at the second stop;
/// `pipe` prints for ever, and ends with code 9 when nobody reads.
@main struct ChildHost {
    static func main() async {
        let words = Array(CommandLine.arguments.dropFirst())
        switch words.first {
        case "launch": await launch(Array(words.dropFirst()))
        case "record" where words.count > 2:
            await launch(Array(words.dropFirst(2)), record: words[1])
        case "signals": listen()
        case "pipe": printForEver()
        default: say("launch, record, signals or pipe")
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
