import SupernetCommands

@main
enum Main {
    static func main() { SupernetCommand.start() }
}
