import SupernetCommands

@main
enum Main {
    static func main() { Supernet.program() }
}
