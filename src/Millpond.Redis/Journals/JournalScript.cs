using System.Text;
using Millpond.Redis.Scripts;

namespace Millpond.Redis.Journals;

/// <summary>A step of a journal as a script. Its text is the same in every life of a server: the life is an argument.</summary>
internal sealed class JournalScript
{
    private JournalScript(params string[] parts) => (Name, Text) = ($"EVALSHA journal {parts[^1]}", new ScriptText(string.Join('\n', parts.Select(ReadText))));

    public static JournalScript Open { get; } = new("common", "open");

    public static JournalScript Append { get; } = new("common", "append");

    public static JournalScript Lead { get; } = new("common", "trail", "lead");

    public static JournalScript Acknowledge { get; } = new("common", "trail", "acknowledge");

    public static JournalScript Bury { get; } = new("common", "bury");

    public static JournalScript Remove { get; } = new("common", "trail", "remove");

    /// <summary>No step: it changes nothing, and goes over the shared connections.</summary>
    public static JournalScript Read { get; } = new("read");

    /// <summary>What it is called in messages and metrics.</summary>
    public string Name { get; }

    public ScriptText Text { get; }

    private static string ReadText(string name)
    {
        using var stream = typeof(JournalScript).Assembly.GetManifestResourceStream($"journal.{name}.lua") ?? throw new InvalidOperationException($"The script {name} is not in the assembly.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
