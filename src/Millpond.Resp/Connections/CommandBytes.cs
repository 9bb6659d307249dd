using Millpond.Resp.Commands;

namespace Millpond.Resp.Connections;

/// <summary>
/// Writes a command into a buffer of the thread's own, before any lock is taken: a request's writer is the user's code. The bytes are then copied into a connection's buffer.
/// </summary>
internal static class CommandBytes
{
    [ThreadStatic]
    private static GrowingBuffer? _own;

    /// <summary>The command's bytes; give them back with <see cref="Return"/>. Null: they could not be written, the caller was told, and the command is let go.</summary>
    public static GrowingBuffer? TryWrite(Pending pending, Completions completions)
    {
        // Taken away while in use: a writer that itself sends something finds none and makes another.
        var bytes = _own ?? new GrowingBuffer();
        _own = null;
        try
        {
            var writer = new RespWriter(bytes);
            var wanted = pending.CommandsWritten;
            if (pending.IsAsking)
            {
                wanted++;
                writer.Command("ASKING"u8, 0);
            }

            pending.Write(ref writer);
            writer.Complete();
            return writer.Commands == wanted ? bytes : throw new RespException(
                RespErrorCode.MalformedCommand, $"{pending.Name} wrote {writer.Commands} commands where {wanted} were expected; a request is one command.");
        }
        catch (Exception thrown)
        {
            Return(bytes);
            pending.Fail(RespErrors.NotWritable(pending, thrown), pending.Life, completions);
            pending.Release();
            return null;
        }
    }

    public static void Return(GrowingBuffer bytes)
    {
        if (_own is null)
        {
            bytes.Clear();
            _own = bytes;
        }
        else
        {
            // Sending one command may have let others in, which were written here meanwhile.
            bytes.Return();
        }
    }
}
