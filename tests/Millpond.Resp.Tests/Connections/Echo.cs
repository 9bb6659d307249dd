namespace Millpond.Resp.Tests.Connections;

/// <summary>Asks for its own text back: whoever gets another's reply notices.</summary>
internal readonly struct Echo(string text, RespTraits traits = RespTraits.None) : IRespRequest<string?>
{
    public string Name => "ECHO";

    public RespTraits Traits => traits;

    public int Slot => RespSlot.Of(System.Text.Encoding.UTF8.GetBytes(text));

    public void Write(ref RespWriter writer)
    {
        writer.Command("ECHO"u8, 1);
        writer.Argument(text);
    }

    public string? Read(ref RespReader reader) => reader.GetText();
}
