using System.IO.Pipelines;

namespace Millpond.Engines.Fake;

/// <summary>One end of a connection that stays in this process.</summary>
internal sealed class DuplexStream(Stream input, Stream output) : Stream
{
    private readonly CancellationTokenSource _closing = new();

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Two ends of one connection.</summary>
    public static (DuplexStream Client, DuplexStream Server) Pair()
    {
        var (up, down) = (new Pipe(new PipeOptions(pauseWriterThreshold: 1 << 24, useSynchronizationContext: false)), new Pipe(new PipeOptions(pauseWriterThreshold: 1 << 24, useSynchronizationContext: false)));
        return (new DuplexStream(down.Reader.AsStream(), up.Writer.AsStream()), new DuplexStream(up.Reader.AsStream(), down.Writer.AsStream()));
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await input.ReadAsync(buffer, _closing.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            throw new ObjectDisposedException(nameof(DuplexStream));
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => output.WriteAsync(buffer, cancellationToken);

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _closing.Cancel();
        output.Dispose();
        base.Dispose(disposing);
    }
}
