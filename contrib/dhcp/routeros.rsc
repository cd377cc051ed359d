# MikroTik RouterOS: 'address' in quotes becomes four bytes, s'text' a text.
/ip dhcp-server option
add name=cisco-tftp code=150 value="'192.0.2.10'"
add name=tftp-name code=66 value="s'192.0.2.10'"
/ip dhcp-server network
set [find address=192.0.2.0/24] dhcp-option=cisco-tftp,tftp-name

# Phones learn the voice VLAN from the switch, over CDP or LLDP-MED, not by
# DHCP: this belongs to the addresses of that VLAN.
