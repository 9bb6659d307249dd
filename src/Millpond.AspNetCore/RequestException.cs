using Microsoft.AspNetCore.Http;

namespace Millpond.AspNetCore;

/// <summary>A request cannot be read as what its endpoint takes. Never leaves the endpoint.</summary>
internal sealed class RequestException(string message, int status = StatusCodes.Status400BadRequest) : Exception(message)
{
    public Refusal ToRefusal() => new(status, Message);
}
