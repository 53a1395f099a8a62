import Platform

/// A host that starts the program of its arguments, prints what that prints, and waits to be killed.
@main struct ChildHost {
    static func main() async {
        let launch = ProcessLaunch(
            arguments: Array(CommandLine.arguments.dropFirst()), environment: [:],
            grace: 200_000_000)
        let nursery = ProcessNursery()
        do throws(ProcessLaunchError) {
            let child = try await nursery.launch(launch) { line in
                StandardOutput.write(line: line.text)
                StandardOutput.flush()
            }
            _ = await child.waitForExit()
        } catch {
            print(error)
        }
    }
}
