#!/bin/sh
# Makes the secrets that docker-compose.yml names, in deploy/secrets. What is there already stays as it is.
#
#   sh deploy/secrets.sh
set -eu
folder="${1:-$(dirname "$0")/secrets}"

random() {
    od -An -N24 -tx1 /dev/urandom | tr -d ' \n'
}

# The folder keeps others out. The files are open to all inside it, for each container reads them as another user.
keep() {
    if [ ! -e "$folder/$1" ]; then
        printf '%s\n' "$2" > "$folder/$1.unfinished"
        chmod 444 "$folder/$1.unfinished"
        mv "$folder/$1.unfinished" "$folder/$1"
        echo "$folder/$1"
    fi
}

# A login's password stands in its address and nowhere else; deploy/postgres/logins.sh finds it there.
address() {
    echo "postgresql://$1:$(random)@postgres:5432/crmap"
}

umask 077
mkdir -p "$folder"
chmod 700 "$folder"
echo '*' > "$folder/.gitignore"

keep postgres-password "$(random)"
keep database-owner "$(address crmap)"
keep database-gateway "$(address gateway)"
keep database-cabinet "$(address cabinet)"
keep database-worker "$(address sync_worker)"

if [ ! -e "$folder/broker" ] || [ ! -e "$folder/broker.conf" ]; then
    password="$(random)"
    rm -f "$folder/broker" "$folder/broker.conf"
    keep broker "redis://:$password@redis:6379/0"
    keep broker.conf "requirepass $password"
fi

keep secret-keys "$(random)"
keep flower-password "$(random)"
keep metrics-token "$(random)"
# Of the application that every portal can install; empty without one.
keep bitrix24-client-secret ""
