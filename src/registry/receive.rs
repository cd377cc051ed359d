//! Reading from a connection that is silent most of its life.

use std::io;

use bytes::BytesMut;
use tokio::net::TcpStream;

/// Waits for bytes and puts them behind those in `input`, with room for at
/// least `room` of them; 0 is the end of the connection. While it waits an
/// empty `input` holds no memory: ten thousand phones say a few bytes in half
/// a minute. May be dropped without losing any.
///
/// # Errors
/// The system's.
pub async fn receive(stream: &TcpStream, input: &mut BytesMut, room: usize) -> io::Result<usize> {
    loop {
        if input.is_empty() {
            *input = BytesMut::new();
        }
        stream.readable().await?;
        input.reserve(room);
        match stream.try_read_buf(input) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            read => return read,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn an_idle_connection_holds_no_buffer_and_what_is_begun_is_kept() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut phone = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let mut input = BytesMut::with_capacity(4096);
        phone.write_all(b"half").await.unwrap();
        assert_eq!(receive(&stream, &mut input, 2048).await.unwrap(), 4);
        phone.write_all(b" more").await.unwrap();
        assert_eq!(receive(&stream, &mut input, 2048).await.unwrap(), 5);
        assert_eq!(&input[..], b"half more");
        input.clear();
        tokio::select! {
            biased;
            _ = receive(&stream, &mut input, 2048) => unreachable!("nothing was sent"),
            () = std::future::ready(()) => {}
        }
        assert_eq!(input.capacity(), 0, "nothing is held while it waits");
        drop(phone);
        assert_eq!(receive(&stream, &mut input, 2048).await.unwrap(), 0);
    }
}
